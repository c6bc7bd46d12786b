import CanonicalJSON
import DurableFiles
import GRDB
import Rollout
import SystemPackage

/// The catalogue as it was at one moment, read without leaving a trace.
///
/// Opening a live database for reading writes `-shm` and `-wal` beside it and fails where that is impossible;
/// opening it as immutable misses the rows that are only in its write-ahead log. So both files are copied aside,
/// and the copy is read.
public struct StateSnapshot: Sendable {
  /// What a column takes, by its declared type.
  public enum ColumnType: Sendable, Hashable { case integer, text, other }

  /// The columns that `threads` has here.
  public let threadColumns: [String: ColumnType]
  /// All rows of `threads`.
  public let threads: [ThreadID: JSONValue]
  /// The rows of `thread_dynamic_tools`, by thread, in order.
  public let dynamicTools: [ThreadID: [JSONValue]]
  /// The columns of `thread_dynamic_tools`; empty where there is no such table.
  public let dynamicToolColumns: [String]
  /// Whether the catalogue keeps which thread spawned which sub-agent.
  public let hasSpawnEdges: Bool
  /// Codex's newest schema migration that was run on it.
  public let migration: Int

  /// The generation of the catalogue whose layout this program knows.
  public static let knownGeneration = 5

  /// Reads a catalogue.
  ///
  /// - Parameter scratch: an existing folder for the copy, outside the home; it is removed again.
  public init(readingFrom path: FilePath, scratch: FilePath) throws(CodexHomeError) {
    let copy = scratch.appending("state-snapshot")
    defer { try? Folder.removeTree(copy) }
    try withFiles { () throws(FileError) in
      try Folder.removeTree(copy)
      try Folder.create(copy)
      try Self.copy(path, to: copy.appending("state.sqlite"))
    }
    do {
      let queue = try DatabaseQueue(path: copy.appending("state.sqlite").string)
      let content = try queue.read { database in
        let columns = try database.columns(in: "threads").map { ($0.name, Self.type($0.type)) }
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM threads")
        let toolColumns =
          try database.tableExists("thread_dynamic_tools")
          ? database.columns(in: "thread_dynamic_tools").map(\.name) : []
        let tools =
          try database.tableExists("thread_dynamic_tools")
          ? Row.fetchAll(database, sql: "SELECT * FROM thread_dynamic_tools ORDER BY thread_id, position")
          : []
        let migration =
          try database.tableExists("_sqlx_migrations")
          ? Int.fetchOne(database, sql: "SELECT max(version) FROM _sqlx_migrations") : nil
        return (
          columns, rows.map { JSONValue($0) }, tools.map { JSONValue($0) }, migration ?? 0, toolColumns,
          try database.tableExists("thread_spawn_edges")
        )
      }
      try queue.close()
      threadColumns = Dictionary(content.0, uniquingKeysWith: { first, _ in first })
      threads = Dictionary(Self.keyed(content.1, by: "id"), uniquingKeysWith: { first, _ in first })
      dynamicTools = Dictionary(grouping: Self.keyed(content.2, by: "thread_id"), by: \.0).mapValues {
        $0.map(\.1)
      }
      migration = content.3
      dynamicToolColumns = content.4
      hasSpawnEdges = content.5
    } catch {
      throw .database(path, reason: databaseReason(error))
    }
  }

  private static func type(_ declared: String) -> ColumnType {
    switch declared.uppercased() {
    case "INTEGER", "BIGINT", "BOOLEAN": .integer
    case "TEXT": .text
    default: .other
    }
  }

  private static func keyed(_ rows: [JSONValue], by column: String) -> [(ThreadID, JSONValue)] {
    rows.compactMap { row in row[column]?.string.flatMap(ThreadID.init).map { ($0, row) } }
  }

  /// Copies database and write-ahead log until neither changed meanwhile.
  private static func copy(_ path: FilePath, to target: FilePath) throws(FileError) {
    let log = FilePath(path.string + "-wal")
    let targetLog = FilePath(target.string + "-wal")
    for attempt in 1...5 {
      let before = (try FileStamp.of(path), try FileStamp.of(log))
      // What an earlier attempt copied belongs to another moment.
      for old in [target, targetLog] { try DurableFile.remove(old) }
      try ScratchFile.copy(path, to: target)
      if before.1 != nil { try ScratchFile.copy(log, to: targetLog) }
      let after = (try FileStamp.of(path), try FileStamp.of(log))
      if before == after { return }
      if attempt == 5 { throw FileError(.read, path, .resourceBusy) }
    }
  }
}
