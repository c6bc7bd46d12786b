import CanonicalJSON
import DurableFiles
import Journal
import Rollout
import SessionSync
import SyncTestSupport
import SystemPackage

/// Rollback, and what must hold when it is done or refused.
extension World {
  /// The transactions of a machine that can be undone, newest first.
  func transactions(_ machine: Int) throws -> [String] {
    try TransactionLog(home: home(machine)).list().filter(\.stands).map(\.id)
  }

  /// Learns what a run did that wrote something.
  func learn(_ transaction: String, _ machine: Int, since before: HomeView, brought: Set<Int>) {
    ledgers[machine].brought[transaction] = brought
    ledgers[machine].deeds[transaction] = Deed(from: before, to: views[machine])
    remember(machine, since: before)
  }

  /// Undoes a transaction, if the program does not refuse because later ones were built upon it.
  func rollBack(
    _ machine: Int, _ transaction: String, _ options: Rollback.Options = Rollback.Options()
  ) throws {
    let oldestFirst = try Array(TransactionLog(home: home(machine)).list().reversed())
    let number = oldestFirst.firstIndex { $0.id == transaction }.map { "\($0 + 1)" } ?? "?"
    note(
      "\(machines[machine].name) rolls back its transaction \(number)"
        + (options.cascades ? ", cascading" : "")
        + (options.keepsLocalWork ? ", keeping local work" : ""))
    let later = builtUpon(transaction, machine, oldestFirst)
    let untouched = try stamps(machine)
    let rollback = Rollback(
      home: try home(machine), options: options, surroundings: try surroundings(machine))
    let before = views[machine]
    let result: Rollback.Result
    do {
      let shown = try rollback.plan(.id(transaction))
      try expectUntouched(machine, since: untouched, "a dry run of a rollback")
      result = try rollback.execute(.id(transaction))
      guard shown.effects == result.plan.effects, shown.kept == result.plan.kept,
        shown.branches.map(\.localThreadID) == result.plan.branches.map(\.localThreadID)
      else { throw Violation("a rollback did something else than it said") }
    } catch SyncError.laterTransactions(let found) where !options.cascades {
      note("  refused for \(found.count) later ones")
      if let later, later != found {
        throw Violation("a rollback was refused for \(found), what was built upon it is \(later)")
      }
      return try expectUntouched(machine, since: untouched, "a rollback that was refused")
    }
    let undone = Array(result.plan.transactions.map(\.id).reversed())
    if let later, undone != [transaction] + later {
      throw Violation("a rollback took \(undone) along, what was built upon it is \(later)")
    }
    note("  kept \(result.plan.kept.map { "\(name($0.thread)): \($0.reason.text)" })")
    try takeBack(undone, result, machine, before)
    try checkUndone(undone, result.plan, machine, before)
    try checkBranches(result.plan, machine, before)
  }

  /// What is owed after a rollback: all but what the transactions had brought.
  private func takeBack(
    _ undone: [String], _ result: Rollback.Result, _ machine: Int, _ before: HomeView
  ) throws {
    for id in undone { ledgers[machine].owed.subtract(ledgers[machine].brought[id] ?? []) }
    try look(machine)
    for branch in result.plan.branches {
      if let root = closedRoots[branch.threadID] {
        closedRoots[branch.localThreadID ?? branch.threadID] = root
      }
    }
    // A rollback leaves no tombstone but that of what had been deleted before, and what it cuts off nobody misses.
    let deletedBefore = try deletedBefore(undone, machine)
    for id in Set(before.threads.keys).union(before.rows.keys) {
      let thread = views[machine].threads[id]
      let isGone = thread == nil && views[machine].rows[id] == nil
      if isGone, deletedBefore.contains(id) { continue }
      if isGone || thread?.head != before.threads[id]?.head { ledgers[machine].notes[id] = nil }
    }
    let present = views[machine].present
    ledgers[machine].owed.formUnion(present.intersection(before.present))
    if let undoing = result.transaction {
      learn(undoing, machine, since: before, brought: present.subtracting(before.present))
    }
    try look(machine)
  }

  /// The threads that transactions, or those that they undo, brought back although they had been deleted.
  private func deletedBefore(_ ids: [String], _ machine: Int) throws -> Set<ThreadID> {
    let all = try TransactionLog(home: home(machine)).list()
    var open = ids
    var threads: Set<ThreadID> = []
    while let id = open.popLast() {
      guard let transaction = all.first(where: { $0.id == id }) else { continue }
      open += transaction.undoes
      for session in transaction.details["sessions"]?.array ?? []
      where session["restores_deleted"] == .bool(true) {
        if let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init) { threads.insert(thread) }
      }
    }
    return threads
  }

  /// The later transactions that were built upon one, oldest first; nil where some were not seen one by one.
  ///
  /// A transaction and its undoing are as if neither had been.
  private func builtUpon(_ chosen: String, _ machine: Int, _ oldestFirst: [Transaction]) -> [String]? {
    let deeds = ledgers[machine].deeds
    // What an undoing takes away and puts back just as it was is not to be seen, nor of a part what it was of.
    func seen(_ transaction: Transaction) -> Deed? {
      guard transaction.status == .committed, let deed = deeds[transaction.id] else { return nil }
      let undone = transaction.undoes.map { deeds[$0]?.threads }
      return undone.allSatisfy { $0?.isSubset(of: deed.threads) ?? false } ? deed : nil
    }
    guard let chosenDeed = oldestFirst.first(where: { $0.id == chosen }).flatMap(seen) else { return nil }
    var touched = [chosenDeed]
    var later: [String] = []
    for other in oldestFirst where other.id > chosen && other.stands {
      guard let deed = seen(other) else { return nil }
      if !touched.contains(where: deed.meets) { continue }
      let earlier = other.undoes.filter { $0 < chosen }
      guard earlier.allSatisfy({ deeds[$0] != nil }) else { return nil }
      let isOfOthers = earlier.compactMap { deeds[$0] }.allSatisfy { deed in
        !touched.contains(where: deed.meets)
      }
      if !other.undoes.isEmpty, isOfOthers { continue }
      touched.append(deed)
      later.append(other.id)
    }
    return later
  }

  /// What only the transactions did something to is as it was before them, and nothing else changed.
  private func checkUndone(
    _ undone: [String], _ plan: RollbackPlan, _ machine: Int, _ before: HomeView
  ) throws {
    let deeds = undone.compactMap { ledgers[machine].deeds[$0] }
    // Of one that was undone in part before it is not known which part is left.
    guard deeds.count == undone.count, plan.transactions.allSatisfy(\.undoers.isEmpty) else { return }
    let after = views[machine]
    let touched = Set(deeds.flatMap(\.rollouts))
    for (path, bytes) in before.files where RolloutName(path).map({ !touched.contains($0.rolloutID) }) ?? true
    {
      guard after.files[path] == bytes else {
        throw Violation("\(machines[machine].name): a rollback changed \(path.lastComponent?.string ?? "")")
      }
    }
    let alone = Changes.alone(deeds.map(\.files), now: before.files)
    let paths = Dictionary(grouping: Set(deeds.flatMap(\.files.keys))) { RolloutName($0)?.thread }
    for case (let thread?, let paths) in paths where isFree(thread, paths, before) {
      guard paths.allSatisfy({ alone[$0] != nil }) else { continue }
      if let kept = plan.kept.first(where: { $0.thread == thread }) {
        // It keeps the work on a thread that cannot come back.
        if case .holdsWorkOf(let other) = kept.reason, plan.kept.contains(where: { $0.thread == other }) {
          continue
        }
        throw Violation("\(name(thread)) stays, nobody built upon it: \(kept.reason.text)")
      }
      for path in paths where after.files[path] != alone[path] ?? nil {
        throw Violation("\(name(thread)) is not as it was before what was rolled back")
      }
    }
    try checkMended(deeds, plan, machine, before)
    let kept = Set(plan.kept.map(\.thread))
    for (thread, row) in Changes.alone(deeds.map(\.rows), now: before.rows) where !kept.contains(thread) {
      guard after.rows[thread] == row else {
        throw Violation("the row of \(name(thread)) is not as it was: \(after.rows[thread] ?? .null)")
      }
    }
  }

  /// A thread that was adopted, and nothing else, stays adopted if somebody went on in it, and only then.
  private func checkMended(
    _ deeds: [Deed], _ plan: RollbackPlan, _ machine: Int, _ before: HomeView
  ) throws {
    // Undoing an undoing adopts again, whatever was said since.
    if plan.transactions.contains(where: { !$0.undoes.isEmpty }) { return }
    let alone = Set(deeds.flatMap(\.mended)).subtracting(deeds.flatMap(\.written))
    for thread in alone where before.threads[thread] != nil {
      let wentOn = deeds.contains { deed in
        deed.mended.contains(thread) && deed.heads[thread] != before.threads[thread]?.head
      }
      let isKept = plan.kept.contains { $0.thread == thread }
      if isKept, views[machine].rows[thread] != before.rows[thread] {
        throw Violation("the row of \(name(thread)) changed, though it is kept")
      }
      if isKept != wentOn {
        throw Violation(
          "\(name(thread)) \(wentOn ? "went on and is not kept" : "is kept, nobody went on in it")")
      }
    }
  }

  /// Whether a thread is in no other file than these, and none goes on from it.
  private func isFree(_ thread: ThreadID, _ paths: [FilePath], _ view: HomeView) -> Bool {
    let rollouts = Set(paths.compactMap { RolloutName($0)?.rolloutID })
    return (view.threads[thread]?.rollouts ?? []).allSatisfy { paths.contains($0.path) }
      && !view.threads.values.flatMap(\.rollouts).contains {
        $0.base.map { rollouts.contains($0.rollout) } ?? false
      }
  }

  /// Work that was kept is a branch that reads as the thread did.
  private func checkBranches(_ plan: RollbackPlan, _ machine: Int, _ before: HomeView) throws {
    for branch in plan.branches {
      note("  \(name(branch.threadID)) becomes \(branch.localThreadID.map(name) ?? "nothing")")
      let head = branch.localThreadID.flatMap { views[machine].threads[$0]?.head }
      guard let head, head == before.threads[branch.threadID]?.head else {
        throw Violation("the branch of \(name(branch.threadID)) reads \(head ?? [])")
      }
    }
  }
}
