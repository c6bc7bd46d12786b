import CanonicalJSON
import CodexHome
import Lineage
import Rollout
import SessionPackage

/// When threads that are made here count as created.
///
/// Codex pages its list by that time, in milliseconds: of two threads with one, the one can be on no page (scan list of
/// 0.133.0 to 0.163.0, the catalogue's list of 0.133.0 to 0.161.0).
extension Planner {
  /// The times that differ from what the sessions say.
  ///
  /// A branch began where it went another way: its id says when, on every machine. Whatever meets a time that is taken,
  /// by a thread of the home or of this plan, is moved on by a millisecond, or as many as it takes.
  func creations(
    _ incoming: [IncomingSession], _ outcomes: [Reconciliation.Outcome?], _ local: LocalThreads,
    _ threads: [ThreadID: LocalThread]
  ) -> [ThreadID: Timestamp] {
    var owners: [Int64: ThreadID] = [:]
    for (id, row) in local.catalogue?.threads ?? [:] { Self.created(row).map { owners[$0] = id } }
    for thread in threads.values { owners[thread.lineage.created] = thread.entry.id }
    var creations: [ThreadID: Timestamp] = [:]
    for (session, outcome) in zip(incoming, outcomes) {
      guard let outcome, outcome.isWritten, let target = outcome.target,
        outcome.decision.classification != .fastForwardImport, let said = Self.created(session)
      else { continue }
      var time = said
      if target != session.packaged.threadID, let milliseconds = target.milliseconds, milliseconds > 0 {
        time = Int64(clamping: milliseconds)
      }
      while let owner = owners[time], owner != target { time += 1 }
      owners[time] = target
      if time != said { creations[target] = min(Timestamp(milliseconds: time), .latest) }
    }
    return creations
  }

  private static func created(_ session: IncomingSession) -> Int64? {
    session.packaged.row.flatMap(created)
      ?? session.transcript?.head.meta.timestamp.flatMap { Timestamp($0) }?.milliseconds
  }

  private static func created(_ row: JSONValue) -> Int64? {
    row["created_at_ms"]?.integer ?? row["created_at"]?.integer.map { Timestamp(seconds: $0).milliseconds }
  }
}
