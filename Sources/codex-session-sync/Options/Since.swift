import Foundation
import Rollout

/// What a person says for "since when": a date or a time on the clock of this machine, an age, or RFC 3339.
struct Since {
  /// The clock of this machine.
  let zone: TimeZone
  /// The time of the command.
  let now: Timestamp

  /// The moment that is meant; nil where the text is none of these.
  ///
  /// A day begins at its midnight, or where the clock skips that, when the clock goes on; of an hour that the clock
  /// shows twice, the first is meant.
  func time(_ text: String) -> Timestamp? {
    if let age = Self.age(text) { return now.moved(by: -age) }
    if let exact = Timestamp(text) { return exact }
    let text = text.replacing(/^(\d{4}-\d\d-\d\d) (?=\d)/) { "\($0.1)T" }
    let shown = Timestamp("\(text)T00:00:00Z") ?? Timestamp("\(text):00Z") ?? Timestamp("\(text)Z")
    return shown.map(moment)
  }

  /// Milliseconds of `7d`, `12h`, `30m` or `2w`.
  private static func age(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0,
      text.first?.isNumber == true
    else { return nil }
    let (age, isTooLong) = count.multipliedReportingOverflow(by: unit)
    return isTooLong ? nil : age
  }

  /// The moment at which the clock here first shows what a clock of UTC shows at `shown`.
  private func moment(_ shown: Timestamp) -> Timestamp {
    func offset(_ time: Timestamp) -> Int64 {
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))) * 1000
    }
    // No zone is a day away from UTC, and none changes its clock twice within two days.
    let before = shown.moved(by: -offset(shown.moved(by: -86_400_000)))
    let after = shown.moved(by: -offset(shown.moved(by: 86_400_000)))
    let fitting = [before, after].filter { $0.moved(by: offset($0)) == shown }
    return fitting.min() ?? before
  }
}
