import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SystemPackage

/// What the journal remembers of this home's threads, and Codex may have forgotten.
struct JournalMemory {
  /// Records that a rollout of this home got from another machine's.
  struct Source {
    /// The rollout here.
    let rollout: ThreadID
    let run: SourceRun
  }

  /// The markers of the branches that were made here.
  ///
  /// Codex drops them from `session_meta` when it reverts or migrates a thread (0.163.0).
  let markers: [ThreadID: Marker]
  /// Where records of other machines' rollouts lie in this home's, by their rollout there.
  let sources: [ThreadID: [Source]]
  /// What was written into the catalogue last, by thread.
  private let columns: [ThreadID: JSONValue]

  init(_ home: CodexHome) throws(SyncError) {
    let journal = Workplace(home: home).journal
    (markers, sources, columns) = try lift(SyncError.journal) { () throws(JournalError) in
      var markers: [ThreadID: Marker] = [:]
      var sources: [ThreadID: [Source]] = [:]
      var columns: [ThreadID: JSONValue] = [:]
      for transaction in try journal.transactions().reversed() where transaction.status == .committed {
        for session in transaction.details["sessions"]?.array ?? [] {
          guard let id = session["local_thread_id"]?.string.flatMap(ThreadID.init) else { continue }
          if let marker = Marker(session["marker"]) { markers[id] = marker }
          guard let rollout = session["rollout"]?.string.flatMap(ThreadID.init) else { continue }
          for run in SourceRuns(session["sources"]).runs {
            sources[run.rollout, default: []].append(Source(rollout: rollout, run: run))
          }
        }
        for case .row(let change) in try journal.operations(of: transaction.id)
        where change.table == "threads" {
          guard let id = change.key["id"]?.string.flatMap(ThreadID.init) else { continue }
          var known = columns[id] ?? .object([])
          for member in change.after?.members ?? [] { known[member.key] = member.value }
          columns[id] = change.after == nil ? nil : known
        }
      }
      return (markers, sources, columns)
    }
  }

  /// Whether a column of a thread's row still has what was written into it; what differs is the user's own doing.
  func isUntouched(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = columns[id]?[column] else { return false }
    return written == row[column]
  }
}
