import DurableFiles
import GRDB
import Rollout
import SystemPackage

extension ThreadHistoryDatabase {
  /// How far Codex has read a rollout.
  public struct Projection: Sendable, Hashable {
    /// The rollout.
    public let rollout: ThreadID
    /// Where Codex reads on, in bytes.
    public let offset: Int64
    /// How many turns it shows.
    public let turns: Int
    /// Where these begin and end in the rollout, in bytes: there Codex cuts a fork or a rewound thread.
    public let edges: Set<Int64>
  }

  /// What Codex derived from rollouts; empty where there is no such database, or none that can be read.
  ///
  /// A copy lies for a moment in `scratch`, an existing folder outside the home.
  public static func projections(
    in path: FilePath, scratch: FilePath
  ) throws(CodexHomeError) -> [Projection] {
    guard try withFiles({ () throws(FileError) in try FileStamp.of(path) }) != nil else { return [] }
    do {
      return try CopiedDatabase.read(path, scratch: scratch) { database in
        guard try database.tableExists("thread_history_projection_state"),
          try database.tableExists("thread_turns")
        else { return [] }
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT thread_id, next_rollout_byte_offset,
              (SELECT count(*) FROM thread_turns WHERE thread_turns.thread_id = state.thread_id)
            FROM thread_history_projection_state AS state ORDER BY thread_id
            """)
        let edges = try edges(database)
        return rows.compactMap { row in
          guard let rollout = row.text(0).flatMap(ThreadID.init), let offset = row.number(1),
            let turns = row.number(2)
          else { return nil }
          return Projection(
            rollout: rollout, offset: offset, turns: Int(clamping: turns), edges: edges[rollout.text] ?? [])
        }
      }
    } catch let error as DatabaseError where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) {
      return []
    } catch {
      throw databaseError(path, error)
    }
  }

  private static func edges(_ database: Database) throws -> [String: Set<Int64>] {
    let columns = Set(try database.columns(in: "thread_turns").map(\.name))
    guard columns.isSuperset(of: ["rollout_byte_offset", "rollout_end_byte_offset"]) else { return [:] }
    let rows = try Row.fetchCursor(
      database, sql: "SELECT thread_id, rollout_byte_offset, rollout_end_byte_offset FROM thread_turns")
    var edges: [String: Set<Int64>] = [:]
    while let row = try rows.next() {
      guard let rollout = row.text(0) else { continue }
      edges[rollout, default: []].formUnion([row.number(1), row.number(2)].compactMap(\.self))
    }
    return edges
  }
}

extension Row {
  /// The column as a whole number; nil where SQLite, which lets any value be in any column, has another one there.
  fileprivate func number(_ column: Int) -> Int64? { Int64.fromDatabaseValue(self[column]) }

  /// The column as text; nil where it is none.
  fileprivate func text(_ column: Int) -> String? { String.fromDatabaseValue(self[column]) }
}
