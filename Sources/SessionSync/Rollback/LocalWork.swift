import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// Makes branches of threads as they are, so that the work on them survives when what it was built upon is undone.
///
/// Each is treated as if it had been delivered to this machine, and had gone another way.
struct LocalWork {
  let home: CodexHome
  let surroundings: Surroundings

  /// The branches of those threads whose work can be kept elsewhere.
  ///
  /// - Parameter returning: threads that come back with the undoing: their ids are given.
  func branches(
    of kept: [RollbackPlan.KeptThread], besides returning: Set<ThreadID>
  ) throws(SyncError) -> [SessionPlan] {
    let threads = kept.filter { $0.start != nil }
    if threads.isEmpty { return [] }
    let cache = ScanCache()
    let local = try LocalThreads(home, surroundings, cache: cache)
    var branches: [SessionPlan] = []
    for thread in threads {
      let given = returning.union(branches.compactMap(\.localThreadID))
      // Where the work is in an older segment its user rewound it: a branch of the head would not hold it.
      guard let start = thread.start, let entry = local.entries[thread.thread],
        entry.head.path == thread.path,
        let plan = try branch(of: entry, behind: start, local, cache, besides: given), plan.write != nil
      else { continue }
      branches.append(plan)
    }
    return branches
  }

  private func branch(
    of entry: LocalEntry, behind start: Int64, _ local: LocalThreads, _ cache: ScanCache,
    besides given: Set<ThreadID>
  ) throws(SyncError) -> SessionPlan? {
    let head = entry.head
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(head.path) }
    guard let stamp else { return nil }
    let packaged = PackagedSession(
      threadID: entry.id, row: entry.row,
      rollout: PackagedRollout(file: head.path, name: head.name, stamp: stamp),
      indexRow: local.index.rows[entry.id],
      dynamicTools: local.catalogue?.dynamicTools[entry.id] ?? [])
    let package = SessionPackage(
      of: [packaged],
      lineage: PackageLineage(
        origin: Workplace(home: home).knownOrigin, machine: surroundings.machine,
        sourceHome: surroundings.localHome))
    // What the user did here he did where he wanted it.
    var options = SyncOptions()
    options.trustsOrigin = true
    let planner = Planner(
      home: home, package: package, options: options, surroundings: surroundings, cache: cache)
    let session = IncomingSession(packaged, in: package, bases: [:], local: local, cache: cache)
    guard let lineage = session.lineage, let transcript = session.transcript else { return nil }
    let lost = transcript.head.records.count { $0.offset >= start && $0.kind.isHistory }
    var reconciliation = Reconciliation(
      threads: [],
      surroundings: .init(
        isTaken: { local.isTaken($0) || given.contains($0) }, isDeleted: local.isDeleted,
        isBlocked: { _, _ in false },
        time: { _, record in Planner.time(of: record, in: session) }, importsCollisions: false,
        origin: package.lineage?.origin))
    let outcome = reconciliation.branch(of: lineage, behind: max(0, lineage.head.count - lost))
    let config = try lift(SyncError.home) { () throws(CodexHomeError) in try home.config() }
    return SessionPlanner(
      planner: planner, config: config, local: local, threads: [:], unreadable: [:], busy: BusyThreads(),
      written: local.memory, earlier: EarlierDeliveries(), renames: [:], obstacles: try WriteObstacles(home)
    ).plan(session, outcome, damaged: nil)
  }
}
