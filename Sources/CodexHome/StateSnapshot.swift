import CanonicalJSON
import DurableFiles
import GRDB
import Rollout
import SystemPackage

/// The catalogue as it was at one moment, read without leaving a trace.
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
  /// Whether Codex has gone through all rollouts since it made the catalogue.
  ///
  /// Where it was ended meanwhile, it waits up to 15 minutes and begins anew; until then it does not start (0.133.0 to
  /// 0.163.0).
  public let isComplete: Bool
  /// Codex's newest schema migration that was run on it.
  public let migration: Int

  /// The model of the thread that was used last and names one.
  public var lastModel: String? {
    threads.values
      .filter { $0["model"]?.string.map(SettingWord.isModel) ?? false }
      .max { ($0["updated_at"]?.integer ?? 0) < ($1["updated_at"]?.integer ?? 0) }?["model"]?.string
  }

  /// The generation of the catalogue whose layout this program knows.
  public static let knownGeneration = 5

  /// Reads a catalogue.
  ///
  /// A copy lies for a moment in `scratch`, an existing folder outside the home.
  public init(readingFrom path: FilePath, scratch: FilePath) throws(CodexHomeError) {
    do {
      let content = try CopiedDatabase.read(path, scratch: scratch) { database in
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
          try database.tableExists("thread_spawn_edges"),
          try database.tableExists("backfill_state")
            ? String.fetchOne(database, sql: "SELECT status FROM backfill_state") : nil
        )
      }
      threadColumns = Dictionary(content.0, uniquingKeysWith: { first, _ in first })
      threads = Dictionary(Self.keyed(content.1, by: "id"), uniquingKeysWith: { first, _ in first })
      dynamicTools = Dictionary(grouping: Self.keyed(content.2, by: "thread_id"), by: \.0).mapValues {
        $0.map(\.1)
      }
      migration = content.3
      dynamicToolColumns = content.4
      hasSpawnEdges = content.5
      isComplete = content.6.map { $0 == "complete" } ?? true
    } catch {
      throw databaseError(path, error)
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
}
