import Journal
import Rollout
import SessionSync
import Sidecar

/// What looks after the sidecar.
extension World {
  /// What `sidecar-health` says of a machine; it writes nothing.
  func health(_ machine: Int) throws -> HealthReport {
    let untouched = try stamps(machine)
    let report = try SidecarHealth(home: home(machine), surroundings: surroundings(machine)).report()
    try expectUntouched(machine, since: untouched, "looking after the sidecar's health")
    return report
  }

  /// Makes the sidecar of a machine anew: deletions are forgotten, and what it says is right.
  func rebuildSidecar(_ machine: Int) throws {
    note("\(machines[machine].name) rebuilds the sidecar")
    _ = try SidecarRebuild(home: home(machine), surroundings: surroundings(machine)).execute()
    ledgers[machine].forgetNotes()
    ledgers[machine].hasRebuilt = true
    try look(machine)
    remember(machine)
    let report = try expectMended(machine, [.historiesOnlyGrow])
    if !report.deleted.isEmpty {
      throw Violation("\(machines[machine].name): rebuilt, and \(report.deleted) still count as deleted")
    }
  }

  /// Takes the journal of a machine into its sidecar again: what its user deleted stays deleted, and nothing else.
  func replayJournal(_ machine: Int) throws {
    note("\(machines[machine].name) replays the journal")
    _ = try TransactionReplay(home: home(machine), surroundings: surroundings(machine)).execute()
    ledgers[machine].hasRebuilt = true
    try look(machine)
    _ = try expectMended(machine)
  }

  /// Requires that health finds nothing any more of which a new sidecar is the remedy.
  private func expectMended(
    _ machine: Int, _ more: [HealthReport.Check] = []
  ) throws -> HealthReport {
    let mended = [.sidecarIsReadable, .sidecarAgreesWithJournal, .mappingsLeadToThreads] + more
    let report = try health(machine)
    if let finding = report.findings.first(where: { mended.contains($0.check) }) {
      throw Violation("\(machines[machine].name): the sidecar is new, and still \(finding)")
    }
    return report
  }
}

/// A sidecar that is made anew against the one that had grown.
extension World {
  /// Requires that a machine without its sidecar, rebuilt, maps and judges every package as before.
  ///
  /// Deletions are forgotten, and what is gone is mapped to nothing, or to where it was before that.
  func expectSameRebuilt(_ machine: Int) throws {
    guard let grown = try mappings(machine), try !isJournalBehind(machine) else { return }
    let hasForgotten = ledgers[machine].hasRebuilt
    let judged = try parcels.map { try Verdict.all(of: sync($0, machine, false).plan()) }
    // An id that was deleted here is not taken again; without the memory of it, it is.
    let deleted = Set(graves(machine))
    try loseSidecar(machine)
    try rebuildSidecar(machine)
    let name = machines[machine].name
    let rebuilt = try mappings(machine) ?? [:]
    for key in Set(grown.keys).union(rebuilt.keys) where grown[key] != rebuilt[key] && !hasForgotten {
      if let old = grown[key], try isGone(old.localThread, machine) { continue }
      throw Violation("\(name): rebuilt maps \(key) to \(rebuilt[key]?.localThread.text ?? "nothing")")
    }
    for (parcel, before) in zip(parcels, judged)
    where !before.contains(where: { $0.isDeleted || deleted.contains($0.thread) }) {
      let after = try Verdict.all(of: sync(parcel, machine, false).plan())
      if after != before { throw Violation("\(name), #\(parcel.number): rebuilt \(after), before \(before)") }
    }
  }

  /// Whether something that a transaction wrote for a thread is not in its files any more.
  private func isGone(_ thread: ThreadID, _ machine: Int) throws -> Bool {
    guard let found = views[machine].threads[thread] else { return true }
    let histories = [found.head].compactMap(\.self) + found.segments
    let standing = try transactions(machine).compactMap { ledgers[machine].deeds[$0] }
    return standing.contains { deed in
      let isOther = deed.heads[thread].map { head in !histories.contains { head.isPrefix(of: $0) } } ?? false
      return isOther
        || found.rollouts.contains { file in
          deed.length(of: file.name.rolloutID).map { $0 > file.bytes.count } ?? false
        }
    }
  }

  private func mappings(_ machine: Int) throws -> [String: Sidecar.MappedSession]? {
    guard let sidecar = try sidecar(machine) else { return nil }
    return Dictionary(
      uniqueKeysWithValues: try sidecar.mappings().map { ("\($0.remoteThread) of \($0.origin)", $0) })
  }
}

extension Verdict {
  /// Whether the session is left alone because it was deleted.
  fileprivate var isDeleted: Bool { detail == "deleted_locally" }
}
