import DurableFiles
import GRDB
import SystemPackage

/// `thread_history_1.sqlite`: what Codex derives from paginated rollouts, by rollout id.
///
/// After a rollout was created, shortened or removed its rows are dropped; Codex builds them again when the thread
/// is resumed (0.163.0). Rows of a shortened file that stay would go on showing its removed turns. A file that is
/// no database, or a damaged one, has no rows that anybody could show.
public enum ThreadHistoryDatabase {
  private static let tables = [
    "thread_turns", "thread_items", "thread_realtime_items", "thread_history_projection_state",
  ]

  /// Drops the rows of some rollouts; nothing happens where there is no such database.
  public static func forget(rollouts: [String], in path: FilePath) throws(CodexHomeError) {
    guard try withFiles({ () throws(FileError) in try FileStamp.of(path) }) != nil else { return }
    do {
      let queue = try DatabaseQueue(path: path.string, configuration: .writing)
      let found = try queue.read { database in try tables.filter { try database.tableExists($0) } }
      // Even an empty transaction would write to an empty file.
      if found.isEmpty { return }
      try queue.write { database in
        for table in found {
          for rollout in rollouts {
            try database.execute(sql: "DELETE FROM \(table) WHERE thread_id = ?", arguments: [rollout])
          }
        }
      }
    } catch let error as DatabaseError where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) {
      return
    } catch {
      throw databaseError(path, error)
    }
  }
}
