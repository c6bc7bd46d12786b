import DurableFiles
import GRDB
import SystemPackage

/// Whether a catalogue takes edits, found out on a copy: before anything is written.
///
/// What refuses is not to be foreseen: a damaged page or index on the way, a trigger, a constraint that a newer Codex
/// added. So the very statements are tried, and the tables that they touch are checked together with their indexes: a
/// statement that works on a damaged index makes the damage worse.
public enum Rehearsal {
  /// The reason why a catalogue would refuse; nil where it takes the edits.
  public static func refusal(
    of edits: [StateDatabase.Edit], in path: FilePath, scratch: FilePath
  ) throws(CodexHomeError) -> String? {
    if edits.isEmpty { return nil }
    if let obstacle = WriteAccess.obstacle(changing: path) { return "read-only: \(obstacle.errno)" }
    do throws(CodexHomeError) {
      let copy = try StateDatabase(copying: path, scratch: scratch)
      if let damage = try copy.damage(in: Set(edits.map(\.table))) {
        return "damaged: \(damage)"
      }
      try copy.rehearse(edits)
      return nil
    } catch {
      if case .database(_, let reason) = error { return "refusing: \(reason)" }
      throw error
    }
  }
}

extension StateDatabase {
  /// What is wrong with some tables, or with an index of them; nil where nothing is.
  func damage(in tables: Set<String>) throws(CodexHomeError) -> String? {
    try reading { database in
      for table in tables.sorted() where try database.tableExists(table) {
        let found = try String.fetchOne(
          database, sql: "PRAGMA integrity_check(\(table.quotedDatabaseIdentifier))")
        // The first line only says which database it is.
        if let found, found != "ok" { return found.split(separator: "\n").last.map(String.init) ?? found }
      }
      return nil
    }
  }
}
