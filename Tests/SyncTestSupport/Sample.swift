import Rollout

/// Ids and times that tests can name.
public enum Sample {
  /// The thread id with a small number; ids sort as their numbers do, and their own time is 2026-11-20 10:00.
  public static func thread(_ number: UInt16) -> ThreadID {
    ThreadID(
      milliseconds: 1_795_168_800_000,
      entropy: [0, 0, 0, 0, 0, 0, 0, 0, UInt8(number >> 8), UInt8(number & 0xFF)])
  }

  /// 2026-11-20 10:00 UTC and some seconds more, RFC 3339 with milliseconds.
  public static func time(_ seconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "2026-11-20T\(two(10 + seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).000Z"
  }
}
