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
    let links = chain.links.filter { !$0.mended.isSubset(of: known) }
    if links.isEmpty { return [] }
    let local = try LocalThreads(home, surroundings)
    var found: [ThreadID: RollbackPlan.KeptThread] = [:]
    for link in links {
      let mended = link.mended.subtracting(known)
      // What was delivered before the adoption was part of what was adopted.
      let written = written(places, by: chain.links.filter { $0.transaction.id > link.transaction.id })
      for (thread, base) in try adopted(in: link.transaction) where mended.contains(thread) {
        guard found[thread] == nil, let entry = local.entries[thread] else { continue }
        if let reason = reason(entry, base, local, besides: written[entry.head.path] ?? []) {
          found[thread] = .init(thread: thread, path: entry.head.path, reason: reason)
        }
      }
    }
    return found.values.sorted { $0.thread < $1.thread }
  }

  /// The threads that a transaction adopted, with what they held then; an undoing of an undoing adopts again.
  private func adopted(
    in transaction: Transaction, isTakenBack: Bool = false
  ) throws(SyncError) -> [(ThreadID, base: SyncBase?)] {
    let records = isTakenBack ? [] : ["adopted", "entered"].flatMap { transaction.details[$0]?.array ?? [] }
    var adopted = records.compactMap { record in
      record["local_thread_id"]?.string.flatMap(ThreadID.init).map {
        ($0, base: SyncBase(record["sync_base"]))
      }
    }
    for id in transaction.undoes {
      let earlier = try lift(SyncError.journal) { () throws(JournalError) in try journal.manifest(id) }
      if let earlier { adopted += try self.adopted(in: earlier, isTakenBack: !isTakenBack) }
    }
    return adopted
  }

  /// Why a thread stays adopted: it holds more than it did then, apart from what goes with it, or something else.
  private func reason(
    _ entry: LocalEntry, _ base: SyncBase?, _ local: LocalThreads, besides written: [Range<Int64>]
  ) -> RollbackPlan.KeptThread.Reason? {
    guard let base, let (history, delivered) = try? held(entry, local, written) else { return .changed }
    let isAsItWas = history.count - delivered == base.length && base.isBeginning(of: history)
    return isAsItWas ? nil : .continued
  }

  /// What a thread holds, and how many records of it are in ranges of its file.
  private func held(
    _ entry: LocalEntry, _ local: LocalThreads, _ ranges: [Range<Int64>]
  ) throws(RolloutError) -> (History, Int) {
    if ranges.isEmpty, let thread = try local.uncached().load(entry.id) { return (thread.lineage.head, 0) }
    let transcript = try local.uncached().transcript(entry)
    let count = transcript.head.records.count { record in
      record.kind.isHistory && ranges.contains { $0.contains(record.offset) }
    }
    return (History(transcript.history), count)
  }
}
