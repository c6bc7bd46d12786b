/// A point in time, in Unix milliseconds, with the RFC 3339 form that Codex writes.
public struct Timestamp: Hashable, Sendable, Comparable {
  /// Milliseconds since 1970, UTC.
  public let milliseconds: Int64

  /// Creates a time.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Creates a time from whole seconds; out of the range that can be written, the nearest that can.
  public init(seconds: Int64) {
    milliseconds = min(max(0, seconds), Self.latest.milliseconds / 1000) * 1000
  }

  /// The last moment of the year 9999, which RFC 3339 ends with.
  public static let latest = Timestamp(milliseconds: 253_402_300_799_999)

  /// Parses `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; nil for anything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (48...57).contains($0) }) else {
        return nil
      }
      return Int64(String(decoding: bytes[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month),
      (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    var rest = bytes[19...]
    var fraction: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      fraction = Int64(String(decoding: (Array(digits) + [48, 48, 48]).prefix(3), as: UTF8.self)) ?? 0
      rest = rest.dropFirst(digits.count + 1)
    }
    var offset: Int64 = 0
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      guard let hours = number((rest.startIndex + 1)..<(rest.startIndex + 3)),
        let minutes = number((rest.startIndex + 4)..<(rest.startIndex + 6))
      else { return nil }
      offset = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }
    let days = Self.days(year, month, day)
    milliseconds = ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + fraction
  }

  /// The time as Codex writes it: UTC, milliseconds.
  public var text: String {
    let days = milliseconds.floorDivided(by: 86_400_000)
    let rest = milliseconds - days * 86_400_000
    let (year, month, day) = Self.date(days)
    func two(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
    let fraction = String(1000 + rest % 1000).dropFirst()
    let clock = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60)).\(fraction)"
    return "\(year)-\(two(month))-\(two(day))T\(clock)Z"
  }

  /// The time as a rollout's file name has it, in UTC.
  var nameText: String {
    String(text.prefix(19).map { $0 == ":" ? "-" : $0 })
  }

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// Days since 1970 of a Gregorian date; the year is taken to begin in March, so that leap days come last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = year.floorDivided(by: 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
