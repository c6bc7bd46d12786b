import CanonicalJSON
import CodexHome
import DurableFiles
import GRDB
import Rollout
import SystemPackage

/// Makes a Codex home as 0.163.0 leaves one behind: `config.toml`, rollouts and, unless told otherwise, databases.
public struct HomeBuilder: Sendable {
  /// The home.
  public let root: FilePath
  /// The catalogue, whether or not it is there.
  public var catalogue: FilePath { root.appending("state_5.sqlite") }

  /// Makes a home that asks before it acts, with one more provider than Codex knows by itself.
  public init(
    _ root: FilePath, config: String? = nil, hasCatalogue: Bool = true, migration: Int? = nil
  ) throws {
    self.root = root
    let standard = """
      approval_policy = "on-request"
      sandbox_mode = "read-only"

      [model_providers.mock]
      name = "mock"

      """
    try root.put("config.toml", config ?? standard)
    try Folder.create(root.appending("sessions"))
    guard hasCatalogue else { return }
    try execute(CatalogueSchema.state)
    try execute(
      "INSERT INTO _sqlx_migrations VALUES (?, 'latest', '2026-11-20', 1, x'00', 0)",
      [.integer(Int64(migration ?? CatalogueSchema.migration))])
    try execute(CatalogueSchema.history, in: "thread_history_1.sqlite")
  }

  /// The home as the program opens it.
  public func open() throws -> CodexHome { try CodexHome(root, sqliteHome: nil) }

  /// Where a rollout of this thread is.
  public func path(of sample: ThreadSample, isCompressed: Bool = false) throws -> FilePath {
    let name = try sample.transcript.name
    let file = FilePath(name.text + (isCompressed ? ".zst" : ""))
    if sample.isArchived { return root.appending("archived_sessions").pushing(file) }
    return root.pushing(FilePath("sessions/" + name.dayFolders.joined(separator: "/"))).pushing(file)
  }

  /// Puts a thread into the home; again, in place of what it was.
  @discardableResult
  public func add(_ sample: ThreadSample, isCompressed: Bool = false, hasRow: Bool = true) throws -> FilePath
  {
    let path = try path(of: sample, isCompressed: isCompressed)
    let modified = FileTime(seconds: sample.updated, nanoseconds: 0)
    if isCompressed {
      try path.removingLastComponent().put("placeholder", "")
      try DurableFile.remove(path.removingLastComponent().appending("placeholder"))
      try ZstdFile.write(sample.transcript.bytes, to: path)
    } else {
      try path.removingLastComponent().put(
        path.lastComponent?.string ?? "", sample.transcript.bytes, modified: modified)
    }
    if hasRow, try FileStamp.of(catalogue) != nil {
      let plain = try self.path(of: sample)
      try insert(sample.row(path: plain.string))
    }
    return path
  }

  /// Puts a thread into the home; again, in place of what it was.
  @discardableResult
  public func add(_ transcript: TranscriptBuilder, isCompressed: Bool = false) throws -> FilePath {
    try add(ThreadSample(transcript), isCompressed: isCompressed)
  }

  /// Inserts or completes a row of `threads`.
  public func insert(_ row: JSONValue) throws {
    let members = row.members ?? []
    let columns = members.map(\.key).joined(separator: ", ")
    let marks = members.map { _ in "?" }.joined(separator: ", ")
    let changes = members.map { "\($0.key) = excluded.\($0.key)" }.joined(separator: ", ")
    try execute(
      "INSERT INTO threads (\(columns)) VALUES (\(marks)) ON CONFLICT (id) DO UPDATE SET \(changes)",
      members.map(\.value))
  }

  /// Runs SQL on the catalogue, or on another database of the home.
  public func execute(_ sql: String, _ values: [JSONValue] = [], in name: String = "state_5.sqlite") throws {
    var configuration = Configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    let queue = try DatabaseQueue(path: root.appending(name).string, configuration: configuration)
    try queue.write { try $0.execute(sql: sql, arguments: StatementArguments(values.map(Self.value))) }
    try queue.close()
  }

  /// Leaves a database as a process does that is killed: with a write-ahead log that holds a committed table (`wal`), or a
  /// hot rollback journal beside a change that is not (`delete`).
  public func leaveUnfinished(_ journal: String, _ name: String) throws {
    let path = root.appending(name)
    let aside = FilePath(path.string + ".killed")
    let queue = try DatabaseQueue(path: path.string)
    try queue.writeWithoutTransaction { database in
      try database.execute(
        sql: "PRAGMA journal_mode = \(journal); PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 1")
      try database.execute(sql: "BEGIN IMMEDIATE; CREATE TABLE left_behind (x)")
      // More than the cache holds: SQLite has to write what it has.
      try database.execute(
        sql: """
          WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 999)
          INSERT INTO left_behind SELECT zeroblob(1000) FROM numbers
          """)
      if journal == "wal" { try database.execute(sql: "COMMIT") }
      for suffix in ["", "-wal", "-journal"] where try FileStamp.of(FilePath(path.string + suffix)) != nil {
        try DurableFile.replace(
          FilePath(aside.string + suffix), with: try FileReading.bytes(of: FilePath(path.string + suffix)))
      }
      if journal != "wal" { try database.execute(sql: "ROLLBACK") }
    }
    try queue.close()
    for suffix in ["", "-wal", "-journal", "-shm"] {
      try DurableFile.remove(FilePath(path.string + suffix))
      let kept = FilePath(aside.string + suffix)
      if try FileStamp.of(kept) != nil { try rename(kept, to: FilePath(path.string + suffix)) }
    }
  }

  /// Damages the catalogue: an index of `threads` lacks the rows that are there.
  public func breakIndex() throws {
    let queue = try DatabaseQueue(path: catalogue.string)
    try queue.write { database in
      try database.execute(sql: "CREATE TABLE aside AS SELECT * FROM threads; DELETE FROM threads")
      try database.execute(sql: "CREATE INDEX broken ON threads(title); PRAGMA writable_schema = ON")
      let root = try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'broken'")
      try database.execute(
        sql: "DELETE FROM sqlite_schema WHERE name = 'broken'; PRAGMA writable_schema = RESET")
      try database.execute(
        sql: "INSERT INTO threads SELECT * FROM aside; DROP TABLE aside; PRAGMA writable_schema = ON")
      try database.execute(
        sql:
          "INSERT INTO sqlite_schema VALUES ('index', 'broken', 'threads', ?, 'CREATE INDEX broken ON threads(title)')",
        arguments: [root])
    }
    try queue.close()
  }

  /// Changes how a database keeps what is not committed: `wal`, as Codex does, or `delete`.
  public func setJournalMode(_ mode: String, of name: String) throws {
    let queue = try DatabaseQueue(path: root.appending(name).string)
    try queue.writeWithoutTransaction { _ = try String.fetchOne($0, sql: "PRAGMA journal_mode = \(mode)") }
    try queue.close()
  }

  /// All rows of a table, as a query orders them.
  public func query(_ sql: String, in name: String = "state_5.sqlite") throws -> [JSONValue] {
    let queue = try DatabaseQueue(path: root.appending(name).string)
    defer { try? queue.close() }
    return try queue.read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        .object(row.map { JSONValue.Member($0.0, Self.json($0.1)) })
      }
    }
  }

  /// The row of a thread; nil where there is none.
  public func row(_ thread: ThreadID) throws -> JSONValue? {
    try query("SELECT * FROM threads WHERE id = '\(thread)'").first
  }

  /// Adds a thread as codex-session-transfer leaves it: newer columns keep their defaults, and a journal of its own
  /// names the file.
  @discardableResult
  public func install(_ talk: TranscriptBuilder, status: String = "completed") throws -> FilePath {
    let path = try add(talk)
    let id = talk.thread
    try execute(
      "UPDATE threads SET preview = '', history_mode = 'legacy', model_provider = 'elsewhere' WHERE id = ?",
      [.string(id.text)])
    let folder = "transfer-journal/\(id)"
    try root.put("\(folder)/manifest.json", #"{"transaction_id": "\#(id)", "status": "\#(status)"}"#)
    try root.put(
      "\(folder)/operations.jsonl",
      #"{"op": "restore_file", "target": "\#(catalogue)", "backup": "x"}"# + "\n"
        + #"{"op": "remove_created_file", "target": "\#(path)"}"# + "\n")
    return path
  }

  /// Says that Codex derived something from a rollout.
  public func derive(_ rollout: ThreadID) throws {
    let database = "thread_history_1.sqlite"
    try execute(
      "INSERT INTO thread_turns VALUES (?, 'turn', 1, 'done', NULL, NULL)", [.string(rollout.text)],
      in: database)
    try execute(
      "INSERT INTO thread_history_projection_state VALUES (?, 10, 1)", [.string(rollout.text)], in: database)
  }

  private static func value(_ json: JSONValue) -> DatabaseValue {
    switch json {
    case .null: .null
    case .bool(let value): (value ? 1 : 0).databaseValue
    case .integer(let value): value.databaseValue
    case .string(let text): text.databaseValue
    default: String(decoding: json.bytes, as: UTF8.self).databaseValue
    }
  }

  private static func json(_ value: DatabaseValue) -> JSONValue {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .double(let number): .number("\(number)")
    case .string(let text): .string(text)
    case .blob(let data): .string("blob of \(data.count)")
    }
  }
}
