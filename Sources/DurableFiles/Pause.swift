import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Waiting for somebody who is in the way for a moment: so many pauses, and no clock.
public enum Pause {
  /// What others do for a moment is over after five seconds; each step in milliseconds.
  public static let patient = [5, 10, 20, 40] + Array(repeating: 100, count: 49)

  /// What takes no longer than looking whether a lock is held.
  public static let brief = [5, 10, 20, 40, 80]

  /// Does nothing for a while.
  public static func take(milliseconds: Int) { usleep(UInt32(max(0, milliseconds)) * 1000) }
}
