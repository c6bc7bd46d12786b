#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One call by which the program changes the home, or a lock that it takes.
public struct Point: Sendable, Hashable {
  /// Which, counted from 1.
  public let number: Int
  /// The system call.
  public let call: String
  /// The path in the home.
  public let path: String

  /// Reads a line of the shim's log.
  public init?(_ words: some Collection<Substring>) {
    let words = Array(words)
    guard words.count == 3, let number = Int(words[0]) else { return nil }
    self.number = number
    call = String(words[1])
    path = String(words[2].drop { $0 == "/" })
  }

  /// Whether bytes are written.
  public var isWrite: Bool { ["write", "pwrite", "writev"].contains(call) }
  /// Whether the call is about a name: permissions decide over those.
  public var isOfName: Bool { ["open", "mkdir", "rmdir", "link", "unlink", "rename"].contains(call) }
}

/// What happens to the program at one point.
public enum Injection: Sendable {
  /// Every point is written to a log.
  case log
  /// SIGKILL before the call.
  case kill(Int)
  /// SIGKILL in the middle of a write.
  case tear(Int)
  /// The power goes: what is not durable is lost.
  case lose(Int, Loss)
  /// A call fails.
  case fault(Fault, Int)

  /// What a loss of power takes.
  public enum Loss: String, Sendable, CaseIterable {
    case all = "lose"
    case data = "lose_data"
    case names = "lose_names"
  }

  /// A call that fails, or does less than it was asked for.
  public enum Fault: String, Sendable, CaseIterable {
    case noSpace = "ENOSPC once"
    case full = "disk full from there on"
    case ioError = "EIO"
    case noPermission = "EACCES"
    case shortWrite = "short write"
    case busy = "lock busy once"
    case staysBusy = "locks busy from there on"

    /// Whether it is about locks, not about calls that change the disk.
    public var isOfLocks: Bool { self == .busy || self == .staysBusy }

    /// Whether a point can fail so.
    public func concerns(_ point: Point) -> Bool {
      switch self {
      case .noPermission: point.isOfName
      case .shortWrite: point.isWrite
      default: true
      }
    }
  }

  /// The environment that tells the shim.
  public var environment: [String: String] {
    switch self {
    case .log: [:]
    case .kill(let point): Self.environment("kill", point)
    case .tear(let point): Self.environment("tear", point)
    case .lose(let point, let loss): Self.environment(loss.rawValue, point)
    case .fault(.noSpace, let point): Self.environment("fail", point, ENOSPC)
    case .fault(.ioError, let point): Self.environment("fail", point, EIO)
    case .fault(.noPermission, let point): Self.environment("fail", point, EACCES)
    case .fault(.full, let point): Self.environment("full", point)
    case .fault(.shortWrite, let point): Self.environment("short", point)
    case .fault(.busy, let point): Self.environment("busy", point)
    case .fault(.staysBusy, let point): Self.environment("busy_from", point)
    }
  }

  private static func environment(_ action: String, _ point: Int, _ error: Int32 = 0) -> [String: String] {
    ["CRASH_POINTS_DO": action, "CRASH_POINTS_AT": "\(point)", "CRASH_POINTS_ERRNO": "\(error)"]
  }
}

extension Point {
  /// The points before which a killed process leaves something else than before the point ahead of them: a flush
  /// changes nothing that another process could see.
  public static func distinct(_ points: [Point]) -> [Point] {
    zip([nil] + points, points).filter { $0.0?.isFlush != true }.map(\.1)
  }

  private var isFlush: Bool { call == "fsync" || call == "fdatasync" }

  /// The point as a report names it.
  public var text: String { "\(number) (\(call) \(path))" }
}
