import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Which adopted threads stay adopted, because somebody went on in them.
///
/// With the row that the transfer tool left, Codex lists no such thread and cannot open a paginated one (0.163.0): the
/// work would be out of reach.
extension RollbackPlanner {
  func keptAdoptions(
    _ places: RollbackPlaces, besides kept: [RollbackPlan.KeptThread]
  ) throws(SyncError) -> [RollbackPlan.KeptThread] {
    let known = Set(kept.map(\.thread))
    let mended = chain.links.filter { !$0.mended.isSubset(of: known) }
    if mended.isEmpty { return [] }
    let local = try LocalThreads(
      home, memory: try Memory(home, scratch: surroundings.scratch), scratch: surroundings.scratch)
    let written = written(places)
    var found: [ThreadID: RollbackPlan.KeptThread] = [:]
    for link in mended {
      for (thread, base) in try adopted(in: link.transaction)
      where link.mended.contains(thread) && !known.contains(thread) && found[thread] == nil {
        guard let entry = local.entries[thread] else { continue }
        if try wentOn(entry, from: base, local, besides: written[entry.head.path] ?? []) {
          found[thread] = .init(thread: thread, path: entry.head.path, reason: .continued)
        }
      }
    }
    return found.values.sorted { $0.thread < $1.thread }
  }

  /// The threads that a transaction adopted, with what they held then; an undoing of an undoing adopts again.
  private func adopted(
    in transaction: Transaction, isTakenBack: Bool = false
  ) throws(SyncError) -> [(ThreadID, base: JSONValue)] {
    let records = isTakenBack ? [] : transaction.details["adopted"]?.array ?? []
    var adopted = records.compactMap { record in
      record["local_thread_id"]?.string.flatMap(ThreadID.init).map {
        ($0, base: record["sync_base"] ?? .null)
      }
    }
    for id in transaction.undoes {
      let earlier = try lift(SyncError.journal) { () throws(JournalError) in try journal.manifest(id) }
      if let earlier { adopted += try self.adopted(in: earlier, isTakenBack: !isTakenBack) }
    }
    return adopted
  }

  /// Whether a thread holds more than it did when it was adopted, or something else, apart from what goes with it.
  private func wentOn(
    _ entry: LocalEntry, from base: JSONValue, _ local: LocalThreads, besides written: [Range<Int64>]
  ) throws(SyncError) -> Bool {
    guard let length = base["length"]?.integer.map(Int.init(clamping:)),
      let transcript = try? local.uncached().transcript(entry)
    else { return true }
    let delivered = transcript.head.records.count { record in
      record.kind.isHistory && written.contains { $0.contains(record.offset) }
    }
    let history = History(transcript.history)
    guard history.count - delivered == length else { return true }
    return length > 0 && history.prefixDigest(length).description != base["prefix_digest"]?.string
  }
}
