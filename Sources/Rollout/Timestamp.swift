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

  /// The first moment of the year 0, which RFC 3339 begins with.
  public static let earliest = Timestamp(milliseconds: -62_167_219_200_000)
  /// The last moment of the year 9999, which RFC 3339 ends with.
  public static let latest = Timestamp(milliseconds: 253_402_300_799_999)

  private static let day: Int64 = 86_400_000

  /// Parses `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`, which is what Codex writes of RFC 3339; nil for anything else,
  /// and for a day that its month does not have.
  ///
  /// Of a fraction the first three digits count. A leap second, 23:59:60 UTC, is the second after it.
  public init?(_ text: String) {
    var text = Reader(Array(text.utf8))
    guard let year = text.number(4), text.skip("-"), let month = text.number(2), text.skip("-"),
      let day = text.number(2), text.skip("T"), let hour = text.number(2), text.skip(":"),
      let minute = text.number(2), text.skip(":"), let second = text.number(2),
      let fraction = text.fraction(), let offset = text.offset(), text.isAtEnd,
      (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    let days = Self.days(year, month, day)
    let minutes = (days * 24 + hour) * 60 + minute - offset
    milliseconds = minutes * 60_000 + second * 1000 + fraction
    if second == 60, milliseconds - milliseconds.floorDivided(by: Self.day) * Self.day >= 1000 { return nil }
  }

  /// The time as Codex writes it: UTC, milliseconds; out of the years 0 to 9999, the nearest that can be written.
  public var text: String {
    let milliseconds = min(max(Self.earliest.milliseconds, milliseconds), Self.latest.milliseconds)
    let days = milliseconds.floorDivided(by: Self.day)
    let rest = milliseconds - days * Self.day
    let (year, month, day) = Self.date(days)
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }
    return "\(date)T\(clock.joined(separator: ":")).\(padded(rest % 1000, 3))Z"
  }

  /// The time as a rollout's file name has it, in UTC.
  var nameText: String {
    String(text.prefix(19).map { $0 == ":" ? "-" : $0 })
  }

  /// The time so many milliseconds later, or earlier; where there is no such number, the nearest.
  public func moved(by distance: Int64) -> Timestamp {
    let (sum, isOver) = milliseconds.addingReportingOverflow(distance)
    return Timestamp(milliseconds: isOver ? (distance < 0 ? .min : .max) : sum)
  }

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

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

extension Timestamp {
  /// Reads the parts of a date, each of a fixed number of ASCII digits.
  private struct Reader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ count: Int) -> Int64? {
      let digits = digits()
      guard digits.count >= count else { return nil }
      rest.removeFirst(count)
      return digits.prefix(count).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Milliseconds; nil where a point is followed by no digit.
    mutating func fraction() -> Int64? {
      guard skip(".") else { return 0 }
      let digits = digits()
      if digits.isEmpty { return nil }
      rest.removeFirst(digits.count)
      return (Array(digits.prefix(3)) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// How many minutes the clock is ahead of UTC.
    mutating func offset() -> Int64? {
      if skip("Z") { return 0 }
      let isAhead = skip("+")
      guard isAhead || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
        minutes < 60
      else { return nil }
      return (hours * 60 + minutes) * (isAhead ? 1 : -1)
    }

    private func digits() -> ArraySlice<UInt8> { rest.prefix { (0x30...0x39).contains($0) } }
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}
