import Glibc

/// One call by which the program changes the home, or a lock that it takes.
struct Point: Sendable, Hashable {
  let number: Int
  let call: String
  /// The path in the home.
  let path: String

  /// Reads a line of the shim's log.
  init?(_ words: some Collection<Substring>) {
    let words = Array(words)
    guard words.count == 3, let number = Int(words[0]) else { return nil }
    self.number = number
    call = String(words[1])
    path = String(words[2].drop { $0 == "/" })
  }

  var isWrite: Bool { ["write", "pwrite", "writev"].contains(call) }
  /// Whether the call is about a name: permissions decide over those.
  var isOfName: Bool { ["open", "mkdir", "rmdir", "link", "unlink", "rename"].contains(call) }
}

/// What happens to the program at one point.
enum Injection: Sendable {
  /// Every point is written to a log.
  case log
  /// SIGKILL before the call.
  case kill(Int)
  /// SIGKILL in the middle of a write.
  case tear(Int)
  /// The power goes: what is not durable is lost.
  case lose(Int, Loss)
  case fault(Fault, Int)

  /// What a loss of power takes.
  enum Loss: String, Sendable, CaseIterable {
    case all = "lose"
    case data = "lose_data"
    case names = "lose_names"
  }

  /// A call that fails, or does less than it was asked for.
  enum Fault: String, Sendable, CaseIterable {
    case noSpace = "ENOSPC once"
    case full = "disk full from there on"
    case ioError = "EIO"
    case noPermission = "EACCES"
    case shortWrite = "short write"
    case busy = "lock busy once"
    case staysBusy = "locks busy from there on"

    var isOfLocks: Bool { self == .busy || self == .staysBusy }

    func concerns(_ point: Point) -> Bool {
      switch self {
      case .noPermission: point.isOfName
      case .shortWrite: point.isWrite
      default: true
      }
    }
  }

  /// The environment that tells the shim.
  var environment: [String: String] {
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
  static func distinct(_ points: [Point]) -> [Point] {
    zip([nil] + points, points).filter { $0.0?.isFlush != true }.map(\.1)
  }

  private var isFlush: Bool { call == "fsync" || call == "fdatasync" }

  /// The point as a report names it.
  var text: String { "\(number) (\(call) \(path))" }
}
