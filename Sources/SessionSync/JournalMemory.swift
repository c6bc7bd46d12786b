import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SystemPackage

/// What the journal remembers of this home's threads, and Codex may have forgotten.
struct JournalMemory {
  /// The markers of the branches that were made here.
  ///
  /// Codex drops them from `session_meta` when it reverts or migrates a thread (0.163.0).
  let markers: [ThreadID: Marker]
  /// What was written into the catalogue last, by thread.
  private let columns: [ThreadID: JSONValue]

  init(_ home: CodexHome) throws(SyncError) {
    let journal = Workplace(home: home).journal
    (markers, columns) = try lift(SyncError.journal) { () throws(JournalError) in
      var markers: [ThreadID: Marker] = [:]
      var columns: [ThreadID: JSONValue] = [:]
      for transaction in try journal.transactions().reversed() where transaction.status == .committed {
        for session in transaction.details["sessions"]?.array ?? [] {
          guard let id = session["local_thread_id"]?.string.flatMap(ThreadID.init) else { continue }
          if let marker = Marker(session["marker"]) { markers[id] = marker }
        }
        for case .row(let change) in try journal.operations(of: transaction.id)
        where change.table == "threads" {
          guard let id = change.key["id"]?.string.flatMap(ThreadID.init) else { continue }
          var known = columns[id] ?? .object([])
          for member in change.after?.members ?? [] { known[member.key] = member.value }
          columns[id] = change.after == nil ? nil : known
        }
      }
      return (markers, columns)
    }
  }

  /// Whether a column of a thread's row still has what was written into it; what differs is the user's own doing.
  func isUntouched(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = columns[id]?[column] else { return false }
    return written == row[column]
  }

  /// Whether the user gave a column of a thread's row another value than was written into it.
  func isChanged(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = columns[id]?[column], let current = row[column] else { return false }
    return written != current
  }
}
