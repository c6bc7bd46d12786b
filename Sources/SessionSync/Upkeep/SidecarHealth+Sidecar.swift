import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// The sidecar against the journal, and both against the home.
extension SidecarHealth {
  /// What contradicts what the sidecar says, and the mappings that cannot be right.
  func sidecarFindings(
    _ local: LocalThreads, _ threads: [LocalThread], _ replayed: [TransactionReplay.Replayed]
  ) throws(SyncError) -> (findings: [HealthReport.Finding], invalid: [Sidecar.MappedSession]) {
    let path = workplace.sidecar
    let journal = workplace.journal
    let replay = try lift(SyncError.journal) { () throws(JournalError) in try JournalReplay(journal) }
    let found = try lift(SyncError.sidecar) { () throws(SidecarError) in
      try Sidecar(reading: path, scratch: surroundings.scratch)
    }
    guard let found else {
      let isThere = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(path) != nil }
      if isThere { return ([.init(.sidecarIsReadable, "sidecar.sqlite", "damaged", .rebuild)], []) }
      let isNeeded = try !TransactionLog(home: home).list(limit: 1).isEmpty
      return (isNeeded ? [.init(.sidecarIsReadable, "sidecar.sqlite", "missing", .rebuild)] : [], [])
    }
    let mappings = try lift(SyncError.sidecar) { () throws(SidecarError) in try found.mappings() }
    let missing = Set(mappings.map(\.localThread).filter { !local.isTaken($0) })
    var findings = try disagreements(found, replay, local, replayed)
    var invalid: [Sidecar.MappedSession] = []
    let known = Dictionary(uniqueKeysWithValues: threads.map { ($0.entry.id, $0) })
    for mapping in mappings {
      let subject = "\(mapping.remoteThread) of \(mapping.origin)"
      if missing.contains(mapping.localThread) {
        let isDeleted = local.isDeleted(mapping.localThread)
        let what = isDeleted ? "was deleted here, and stays so" : "is not here"
        findings.append(
          .init(
            .mappingsLeadToThreads, subject, "\(mapping.localThread) \(what)", .prune, isExpected: isDeleted))
      } else if let thread = known[mapping.localThread],
        let histories = thread.histories, !histories.contains(where: mapping.base.isBeginning)
      {
        let count = thread.lineage.head.count
        let first = count < mapping.baseLength ? "\(count) of \(mapping.baseLength) records" : "other records"
        findings.append(.init(.basesFitHistories, subject, "\(mapping.localThread) holds \(first)", .prune))
      } else {
        continue
      }
      invalid.append(mapping)
    }
    return (findings, invalid)
  }

  private func disagreements(
    _ found: Sidecar, _ replay: JournalReplay, _ local: LocalThreads,
    _ replayed: [TransactionReplay.Replayed]
  ) throws(SyncError) -> [HealthReport.Finding] {
    if try replay.isRestored(found) {
      return [
        .init(
          .sidecarAgreesWithJournal, "transactions",
          "it knows some that the journal does not: an older journal", .rebuild)
      ]
    }
    let entries = try replay.entries()
    var known = found
    if try !replay.isDone(in: found) {
      // One that is behind is no contradiction: the next run takes up what it lacks.
      known = try lift(SyncError.sidecar) { () throws(SidecarError) in try found.inMemory() }
      try replay.run(into: known, entries)
    }
    let lost = Set(replayed.flatMap(\.missing))
    return try lift(SyncError.sidecar) { () throws(SidecarError) in
      let told = try Sidecar.inMemory()
      try told.take(entries)
      // Mappings to what is gone say nothing: they are pruned, or left out, or not yet.
      let mapped = try known.mappings() + told.mappings()
      let missing = lost.union(mapped.map(\.localThread).filter { !local.isTaken($0) })
      let here = try known.journalContent(without: missing)
      let there = try told.journalContent(without: missing)
      if here == there { return [] }
      // One that was rebuilt maps what is gone to where it was before that.
      let rebuilt = try Sidecar.inMemory()
      try rebuilt.take(JournalReplay.entries(entries, without: TransactionReplay.missing(replayed, local)))
      let anew = try rebuilt.journalContent(without: missing)
      return here.keys.sorted().compactMap { table in
        let (own, other) = (Set(here[table] ?? []), Set(there[table] ?? []))
        let count = own.subtracting(other).subtracting(anew[table] ?? []).count + other.subtracting(own).count
        return count == 0
          ? nil
          : .init(
            .sidecarAgreesWithJournal, table, "\(count) row\(count == 1 ? " differs" : "s differ")", .rebuild)
      }
    }
  }

  /// What committed transactions wrote, and is not there: lost, or taken back with a backup; and nobody accepted that.
  func effectFindings(
    _ local: LocalThreads, _ replayed: [TransactionReplay.Replayed]
  ) -> [HealthReport.Finding] {
    let accepted = AcceptedLosses(replayed.map(\.transaction))
    return replayed.flatMap { replayed in
      replayed.lost.filter { !local.isDeleted($0) && !accepted.contains($0, of: replayed.transaction.id) }
        .map { thread in
          .init(
            .effectsAreOnDisk, replayed.transaction.id, thread.text,
            Deliveries.remedy(for: replayed.transaction))
        }
    }
  }
}

extension Sidecar.MappedSession {
  fileprivate var base: SyncBase { SyncBase(length: baseLength, prefixDigest: baseDigest) }
}
