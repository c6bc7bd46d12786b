import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// Checks what the program knows of a home against what is there: what `sidecar-health` does.
///
/// Writes nothing.
public struct SidecarHealth {
  let home: CodexHome
  let surroundings: Surroundings
  var workplace: Workplace { Workplace(home: home) }

  /// Prepares a check.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// Looks at everything.
  public func report() throws(SyncError) -> HealthReport {
    try workplace.reading(unsettled: true) { () throws(SyncError) in try look() }
  }

  /// Looks at everything while nobody else works on the home.
  func look() throws(SyncError) -> HealthReport {
    let local = try LocalThreads(home, surroundings)
    let memory = local.memory
    var threads: [LocalThread] = []
    var findings: [HealthReport.Finding] = try openTransactions()
    let deliveries = Deliveries(try TransactionLog(home: home).list().filter { $0.status == .committed })
    for entry in local.entries.values.sorted(by: { $0.id < $1.id }) {
      do throws(RolloutError) {
        // Read apart: all of a home at once would be too much memory.
        if let thread = try local.uncached().load(entry.id) { threads.append(thread) }
      } catch {
        findings.append(finding(of: error, entry, deliveries))
      }
    }
    for path in home.transcriptsOfMay2025() {
      findings.append(.init(.rolloutsAreReadable, path.string, "of May 2025", .none, isExpected: true))
    }
    var replay = TransactionReplay(home: home, surroundings: surroundings)
    replay.known = threads
    let replayed = try replay.transactions(local)
    let (contradictions, invalid) = try sidecarFindings(local, threads, replayed)
    findings += contradictions
    findings += effectFindings(local, replayed)
    findings += try threadFindings(threads, memory, deliveries)
    findings += fileFindings(local, threads)
    findings += try catalogueFindings(local, threads, deliveries)
    let order = Dictionary(uniqueKeysWithValues: zip(HealthReport.Check.allCases, 0...))
    return HealthReport(
      findings: findings.enumerated().sorted {
        (order[$0.element.check] ?? 0, $0.offset) < (order[$1.element.check] ?? 0, $1.offset)
      }.map(\.element), invalidMappings: invalid,
      deleted: memory.notedThreads.filter(local.isDeleted).sorted())
  }

  /// What a rollout that cannot be read is to the home; the others are looked at all the same.
  private func finding(
    of error: RolloutError, _ entry: LocalEntry, _ deliveries: Deliveries
  ) -> HealthReport.Finding {
    let path = entry.head.path
    let blocker = Blocker(error)
    let detail = [blocker.code.rawValue, blocker.detail, blocker.path ?? path.string].compactMap(\.self)
      .joined(separator: ": ")
    func finding(_ remedy: HealthReport.Remedy, isExpected: Bool = false) -> HealthReport.Finding {
      .init(.rolloutsAreReadable, entry.id.text, detail, remedy, isExpected: isExpected)
    }
    // No Codex lists or reads what was written before September 2025 (0.133.0 to 0.163.0).
    if RolloutDefect.isBare(path) { return finding(.none, isExpected: true) }
    switch error {
    case .file(let error): return finding(.permit(error.path))
    case .noSessionMeta, .compression, .foreignID, .overLimit:
      return finding(deliveries.remedy(for: entry.id) ?? .moveAway(path))
    case .changed: return finding(.none, isExpected: true)
    case .missingBase, .unfittingBase, .circularBase:
      let remedy = deliveries.remedy(for: entry.id)
      return finding(remedy ?? .none, isExpected: remedy == nil)
    }
  }

  private func openTransactions() throws(SyncError) -> [HealthReport.Finding] {
    try workplace.survey().open.map { .init(.transactionsAreSettled, $0.id, $0.status.rawValue, .recover) }
  }

  /// What threads hold against what was noted of them, and against each other.
  private func threadFindings(
    _ threads: [LocalThread], _ memory: Memory, _ deliveries: Deliveries
  ) throws(SyncError) -> [HealthReport.Finding] {
    var findings: [HealthReport.Finding] = []
    for thread in threads where !memory.isFresh(thread.entry) {
      let detail: String
      if let noted = try memory.lost(by: thread) {
        detail = "\(thread.lineage.head.count) of \(noted) records"
      } else if let index = try memory.rewritten(by: thread) {
        detail = "not what it was from record \(index + 1) on"
      } else {
        continue
      }
      let id = thread.entry.id
      findings.append(.init(.historiesOnlyGrow, id.text, detail, deliveries.remedy(for: id) ?? .rebuild))
    }
    let open = threads.map(\.lineage).filter { !$0.isClosed && $0.head.count > 0 }
    let families = Dictionary(grouping: open) { thread in
      "\(thread.root) \(thread.head.lineageKey.map(\.description) ?? "")"
    }
    for family in families.sorted(by: { $0.key < $1.key }).map(\.value) {
      for thread in family {
        guard let other = family.first(where: { $0.id != thread.id && thread.isCopy(of: $0) }) else {
          continue
        }
        // Whoever wants both has both.
        findings.append(
          .init(
            .threadsAreDistinct, thread.id.text, "all of it is in \(other.id)", .delete(thread.id),
            isExpected: true))
      }
    }
    return findings
  }
}

extension LineageThread {
  /// Whether all of this thread is in the other one; of two equal ones the younger is the copy.
  fileprivate func isCopy(of other: LineageThread) -> Bool {
    guard head.isPrefix(of: other.head) else { return false }
    return head.count < other.head.count || (other.created, other.id) < (created, id)
  }
}
