import DurableFiles
import Rollout
import SystemPackage

/// One installation's folder, usually `~/.codex`, and where Codex keeps what in it (0.133.0 to 0.163.0).
public struct CodexHome: Sendable {
  /// The folder.
  public let root: FilePath
  /// Where the system shows its running processes.
  public let processes: FilePath
  /// Read once; what does not depend on it goes on without.
  private let configuration: Result<HomeConfig, CodexHomeError>
  private let sqliteHome: FilePath?
  private let userHome: FilePath?

  /// Looks at a home.
  ///
  /// - Parameters:
  ///   - root: its folder.
  ///   - sqliteHome: the value of `CODEX_SQLITE_HOME`, if that is set.
  ///   - userHome: what `~` in config.toml stands for.
  ///   - system: the folder of the system's own configuration.
  ///   - processes: where the system shows its running processes; elsewhere than on Linux there is no such folder.
  public init(
    _ root: FilePath, sqliteHome: FilePath?, userHome: FilePath? = nil, system: FilePath? = nil,
    processes: FilePath = "/proc"
  ) throws(CodexHomeError) {
    let stamp = try withFiles { () throws(FileError) in try FileStamp.ofTarget(root) }
    guard stamp?.kind == .folder else { throw .missing(root) }
    self.root = root
    self.processes = processes
    self.sqliteHome = sqliteHome
    self.userHome = userHome
    configuration = Result { () throws(CodexHomeError) in
      try HomeConfig(readingFrom: root.appending("config.toml"), system: system)
    }
    let names = try withFiles { () throws(FileError) in try Folder.names(in: root) }
    let signs: Set = [
      "config.toml", "sessions", "archived_sessions", "auth.json", "installation_id", "session-sync",
    ]
    guard names.isEmpty || names.contains(where: { signs.contains($0) || $0.hasSuffix(".sqlite") }) else {
      throw .notAHome(root)
    }
  }

  /// What Codex's configuration says.
  ///
  /// - Throws: `.config` where a file of it cannot be read. A default in its place would decide where databases are,
  ///   with which provider a thread is listed, and what it may do.
  public func config() throws(CodexHomeError) -> HomeConfig { try configuration.get() }

  /// Where the databases are: `sqlite_home` of config.toml, else `CODEX_SQLITE_HOME`, else the home (0.163.0).
  public func databases() throws(CodexHomeError) -> FilePath {
    try config().sqliteHome.map { Self.expand($0, root, userHome) } ?? sqliteHome ?? root
  }

  /// A path of config.toml: `~` is the user's home, as Codex reads it (0.163.0).
  private static func expand(_ path: String, _ root: FilePath, _ userHome: FilePath?) -> FilePath {
    guard let userHome, path == "~" || path.hasPrefix("~/") else { return root.pushing(FilePath(path)) }
    return userHome.pushing(FilePath(String(path.dropFirst(2))))
  }

  /// Live rollouts, in folders by day.
  public var sessions: FilePath { root.appending("sessions") }
  /// Archived rollouts, flat.
  public var archivedSessions: FilePath { root.appending("archived_sessions") }
  /// Thread names, a line each.
  public var sessionIndex: FilePath { root.appending("session_index.jsonl") }
  /// Codex's locks.
  public var writerLocks: FilePath { root.appending("thread-writer-locks") }
  /// User skills.
  public var skills: FilePath { root.appending("skills") }
  /// All that this program keeps here.
  public var ownFolder: FilePath { root.appending("session-sync") }
  /// What Codex derives from paginated rollouts; SQLite keeps its log beside the file, not beside a link to it.
  public func threadHistory() throws(CodexHomeError) -> FilePath {
    SymbolicLink.followed(try databases().appending("thread_history_1.sqlite"))
  }

  /// Where a rollout of this name belongs.
  public func place(for name: RolloutName, archived: Bool) -> FilePath {
    if archived { return archivedSessions.appending(name.text) }
    return name.dayFolders.reduce(sessions) { $0.appending($1) }.appending(name.text)
  }

  /// The catalogue `state_<n>.sqlite` with the highest number, and that number; nil where Codex has made none yet.
  public func stateDatabase() throws(CodexHomeError) -> (path: FilePath, generation: Int)? {
    try Self.stateDatabase(in: try databases())
  }

  /// A catalogue in the home that is not the one in use, because the configuration names another folder.
  ///
  /// A Codex that is started without that configuration, or without `CODEX_SQLITE_HOME`, goes by it.
  public func unusedCatalogue() throws(CodexHomeError) -> FilePath? {
    let databases = try databases()
    let (used, own) = try withFiles { () throws(FileError) in
      (try FileStamp.ofTarget(databases), try FileStamp.ofTarget(root))
    }
    guard let own, used?.inode != own.inode || used?.device != own.device else { return nil }
    return try Self.stateDatabase(in: root)?.path
  }

  private static func stateDatabase(
    in databases: FilePath
  ) throws(CodexHomeError) -> (path: FilePath, generation: Int)? {
    let names = try withFiles { () throws(FileError) in try Folder.names(in: databases) }
    let found = names.compactMap { name -> Int? in
      guard name.hasPrefix("state_"), name.hasSuffix(".sqlite") else { return nil }
      // Only as Codex spells it: `Int` would also read `+5` and `005`.
      return Int(name.dropFirst(6).dropLast(7)).flatMap { "state_\($0).sqlite" == name ? $0 : nil }
    }
    guard let newest = found.max() else { return nil }
    let path = databases.appending("state_\(newest).sqlite")
    if try withFiles({ () throws(FileError) in try SymbolicLink.isDead(path) }) { throw .away([path]) }
    return (SymbolicLink.followed(path), newest)
  }

  /// What of the home is a link that leads nowhere: it lies on a disk that is away.
  public func linksAway() throws(CodexHomeError) -> [FilePath] {
    let ofHome = [
      "config.toml", "sessions", "archived_sessions", "session_index.jsonl", "session-sync", "skills",
      "thread-writer-locks",
    ].map { root.appending($0) }
    // Where the configuration cannot be read, whoever needs a database says so.
    let databases = try? databases()
    let ofDatabases = ["state_\(StateSnapshot.knownGeneration).sqlite", "thread_history_1.sqlite"].compactMap
    {
      databases?.appending($0)
    }
    return try withFiles { () throws(FileError) in
      var away: [FilePath] = []
      for path in ofHome + [databases].compactMap(\.self) + ofDatabases where try SymbolicLink.isDead(path) {
        away.append(path)
      }
      return away
    }
  }
}
