import Rollout

/// How long ago something was, in one unit.
enum Age {
  static func text(since time: Timestamp, now: Timestamp) -> String {
    let (age, isOver) = now.milliseconds.subtractingReportingOverflow(time.milliseconds)
    let minutes = max(0, isOver ? 0 : age) / 60_000
    let units: [(Int64, String)] = [(365 * 1440, "y"), (7 * 1440, "w"), (1440, "d"), (60, "h"), (1, "m")]
    let unit = units.first { minutes >= 2 * $0.0 } ?? (1, "m")
    return "\(minutes / unit.0)\(unit.1)"
  }
}
