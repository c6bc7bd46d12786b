import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SyncTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import SessionSync

/// A machine in a folder of its own: a home with one user, and a clock that goes on by a second with each command.
final class Scene {
  let root: FilePath
  let home: HomeBuilder
  private let commands = Mutex(0)

  /// The user's home folder.
  var user: FilePath { root.appending("bob") }
  /// Where `/home/alice/project` leads here.
  var project: String { user.appending("project").string }

  private init(_ root: FilePath, _ home: HomeBuilder) {
    self.root = root
    self.home = home
  }

  static func play<Answer>(
    config: String? = nil, hasCatalogue: Bool = true, migration: Int? = nil, _ body: (Scene) throws -> Answer
  ) throws -> Answer {
    try withTemporaryFolder { root in
      let home = try HomeBuilder(
        root.appending("home"), config: config, hasCatalogue: hasCatalogue, migration: migration)
      let scene = Scene(root, home)
      try Folder.create(scene.user)
      return try body(scene)
    }
  }

  var surroundings: Surroundings {
    get throws {
      let number = commands.withLock { number in
        number += 1
        return number
      }
      let scratch = root.appending("scratch-\(number)")
      try Folder.create(scratch)
      return Surroundings(
        localHome: user.string, scratch: scratch,
        now: Timestamp(milliseconds: 1_795_200_000_000 + Int64(number) * 1000),
        entropy: { (0..<16).map { UInt8(truncatingIfNeeded: number &+ $0) } }, machine: "bobs-machine")
    }
  }

  /// Writes a package in the transfer tool's form.
  func package(_ name: String, _ samples: ThreadSample...) throws -> FilePath {
    var builder = try PackageBuilder(root.appending(name))
    for sample in samples { try builder.add(sample) }
    return try builder.write()
  }

  /// Writes a package of conversations in the transfer tool's form.
  func package(_ name: String, _ transcripts: TranscriptBuilder...) throws -> FilePath {
    try PackageBuilder(root.appending(name), transcripts).write()
  }

  func command(_ package: FilePath, _ options: SyncOptions = SyncOptions()) throws -> Sync {
    let surroundings = try surroundings
    let staging = surroundings.scratch.appending("package")
    try Folder.create(staging)
    let opened = try SessionPackage.open(package, staging: staging)
    return Sync(home: try home.open(), package: opened, options: options, surroundings: surroundings)
  }

  func plan(_ package: FilePath, _ options: SyncOptions = SyncOptions()) throws -> SyncPlan {
    try command(package, options).plan()
  }

  @discardableResult
  func sync(_ package: FilePath, _ options: SyncOptions = SyncOptions()) throws -> Sync.Result {
    try command(package, options).execute()
  }

  @discardableResult
  func rollback(
    _ choice: Rollback.Choice = .latest, _ options: Rollback.Options = .init()
  ) throws -> Rollback.Result {
    try Rollback(home: try home.open(), options: options, surroundings: try surroundings).execute(choice)
  }

  func packup(_ name: String, _ options: Packup.Options = .init(.all)) throws -> Packup.Result {
    try Packup(home: try home.open(), options: options, surroundings: try surroundings).write(
      to: root.appending(name))
  }

  /// Runs `body` while somebody else holds the lock of a file in the home.
  @discardableResult
  func holding<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    let path = try home.root.put(file, "")
    guard let lock = try FileLock.acquire(path) else { throw Errno.resourceBusy }
    defer { _ = lock.path }
    return try body()
  }

  func transactions() throws -> [Transaction] { try TransactionLog(home: try home.open()).list() }

  /// The file of a thread.
  func file(_ thread: ThreadID) throws -> FilePath? {
    try home.open().rollouts().last { $0.name.thread == thread }?.path
  }

  /// The records of a thread's file.
  func records(_ thread: ThreadID) throws -> [JSONValue] {
    try file(thread)?.lines().map { try JSONValue(parsing: $0) } ?? []
  }

  /// Goes on in a thread here, as its user does.
  func goOn(_ thread: ThreadID, _ text: String = "my own work") throws {
    let path = try #require(try file(thread))
    var talk = TranscriptBuilder(thread, firstOrdinal: 100, seconds: 900)
    talk.lines = []
    talk.hasBegun()
    talk.turn(text)
    try DurableFile.replace(path, with: try FileReading.bytes(of: path) + talk.bytes)
  }
}

extension SyncError {
  /// The threads that somebody has loaded; nil for any other error.
  var busyThreads: [ThreadID]? { if case .busy(let threads, _) = self { threads } else { nil } }
}

extension SyncPlan {
  /// The entry of a thread of the package.
  func entry(_ thread: ThreadID) -> SessionPlan? { sessions.first { $0.threadID == thread } }
  var actions: [SessionPlan.Action] { sessions.map(\.action) }
  var classifications: [String] { sessions.map { $0.classification?.rawValue ?? "unreadable" } }
}

extension SessionMeta.Format {
  static let all: [SessionMeta.Format] = [.legacy, .paginated]
}

/// The modification time that a thread's file is to have: that of its last record.
func modifiedAtEnd(_ sample: ThreadSample) -> FileTime { FileTime(seconds: sample.updated, nanoseconds: 0) }
