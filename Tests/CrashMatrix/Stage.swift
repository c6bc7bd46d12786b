import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage

/// A folder in which one worker plays: a user's home folder with a Codex home in it, and a package beside it.
///
/// Its path stays the same throughout, because rows hold absolute paths.
struct Stage {
  let folder: FilePath
  let tools: Tools

  /// What is played with.
  struct Tools: Sendable {
    /// The built program.
    let program: String
    /// The built shim.
    let shim: String
  }

  /// The core that the program runs on.
  let core: Int
  private let databases: DatabaseReader

  init(folder: FilePath, tools: Tools, core: Int) {
    self.folder = folder
    self.tools = tools
    self.core = core
    databases = DatabaseReader(scratch: folder)
  }

  /// The user's home folder: what is watched, kept and compared.
  var user: FilePath { folder.appending("user") }
  var home: FilePath { user.appending(".codex") }
  var package: FilePath { folder.appending("package") }
  private var log: FilePath { folder.appending("points") }
  private var limbo: FilePath { folder.appending("limbo") }

  /// Runs a command on the home.
  func run(_ arguments: [String], _ injection: Injection? = nil) throws -> Outcome {
    var environment = [
      "HOME": user.string, "TMPDIR": folder.appending("tmp").string, "PATH": "/usr/bin:/bin",
      // The order of points must not hang on the order of a set.
      "SWIFT_DETERMINISTIC_HASHING": "1",
    ]
    if let injection {
      environment["LD_PRELOAD"] = tools.shim
      environment["CRASH_POINTS_ROOT"] = user.string
      environment["CRASH_POINTS_CORE"] = "\(core)"
      environment.merge(injection.environment) { $1 }
      if case .log = injection { environment["CRASH_POINTS_LOG"] = log.string }
      if case .lose = injection {
        try Folder.removeTree(limbo)
        try Folder.create(limbo)
        environment["CRASH_POINTS_LIMBO"] = limbo.string
      }
    }
    return try Child.run(
      tools.program, arguments + ["--codex-home", home.string], environment: environment, in: folder)
  }

  /// The points and locks of a command, which is carried out.
  func count(_ arguments: [String]) throws -> (points: [Point], locks: [Point], outcome: Outcome) {
    let outcome = try run(arguments, .log)
    let lines = try log.text().split(separator: "\n").map { $0.split(separator: " ", maxSplits: 3) }
    let locks = lines.filter { $0.first == "lock" }.compactMap { Point($0.dropFirst()) }
    let points = lines.filter { $0.first != "lock" }.compactMap { words in
      Point([words[0], words[1], words.dropFirst(2).joined(separator: " ")[...]])
    }
    return (points, locks, outcome)
  }

  /// Empties the stage.
  func clear() throws {
    try Folder.removeTree(folder)
    for path in [user, folder.appending("tmp")] { try Folder.create(path) }
  }

  /// Keeps everything as it is under a name.
  func save(_ name: Saved) throws { try Tree.copy(user, to: folder.appending(name.rawValue)) }
  /// Puts back what was kept.
  func restore(_ name: Saved) throws { try Tree.copy(folder.appending(name.rawValue), to: user) }

  /// What is kept.
  enum Saved: String { case template, crashed }

  func state() throws -> HomeState { try HomeState(user, databases) }
  /// The number of each rollout: a file that is appended to stays the same one.
  func rollouts() throws -> [String: UInt64] {
    var numbers: [String: UInt64] = [:]
    func walk(_ folder: FilePath) throws {
      for name in try Folder.names(in: folder) {
        let path = folder.appending(name)
        guard let stamp = try FileStamp.of(path) else { continue }
        if stamp.kind == .folder { try walk(path) } else { numbers[path.string] = stamp.inode }
      }
    }
    for folder in ["sessions", "archived_sessions"] { try walk(home.appending(folder)) }
    return numbers
  }

  func journal() throws -> JournalState { try JournalState(home) }
}
