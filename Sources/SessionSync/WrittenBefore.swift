import CanonicalJSON
import CodexHome
import Journal
import Rollout
import SystemPackage

/// What this program wrote into the catalogue last, by the journal: what differs from it is the user's own doing.
struct WrittenBefore {
  private let columns: [ThreadID: JSONValue]

  init(_ home: CodexHome) throws(SyncError) {
    let journal = Journal(root: home.ownFolder.appending("journal"))
    columns = try lift(SyncError.journal) { () throws(JournalError) in
      var columns: [ThreadID: JSONValue] = [:]
      for transaction in try journal.transactions().reversed() where transaction.status == .committed {
        for case .row(let change) in try journal.operations(of: transaction.id)
        where change.table == "threads" {
          guard let id = change.key["id"]?.string.flatMap(ThreadID.init) else { continue }
          var known = columns[id] ?? .object([])
          for member in change.after?.members ?? [] { known[member.key] = member.value }
          columns[id] = change.after == nil ? nil : known
        }
      }
      return columns
    }
  }

  /// Whether a column of a thread's row still has what was written into it.
  func isUntouched(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = columns[id]?[column] else { return false }
    return written == row[column]
  }
}
