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
  }

  /// What Codex derived from rollouts; empty where there is no such database, or none that can be read.
  ///
  /// A copy lies for a moment in `scratch`, an existing folder outside the home.
  public static func projections(
    in path: FilePath, scratch: FilePath
  ) throws(CodexHomeError) -> [Projection] {
    guard try withFiles({ () throws(FileError) in try FileStamp.of(path) }) != nil else { return [] }
    do {
      return try DatabaseCopy.read(path, scratch: scratch) { database in
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
        return rows.compactMap { row in
          ThreadID(row[0]).map { Projection(rollout: $0, offset: row[1], turns: row[2]) }
        }
      }
    } catch let error as DatabaseError where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) {
      return []
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .database(path, reason: databaseReason(error))
    }
  }
}
