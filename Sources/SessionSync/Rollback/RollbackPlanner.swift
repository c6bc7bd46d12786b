import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Works out how transactions are undone, and what of them has to stay.
struct RollbackPlanner {
  let home: CodexHome
  let journal: Journal
  let chain: RollbackChain
  /// Whether threads that went on become branches, or are to stay as they are.
  let keepsLocalWork: Bool
  let surroundings: Surroundings

  func plan() throws(SyncError) -> RollbackPlan {
    let local = try LocalThreads(home, surroundings)
    try local.requireWhole()
    let rollouts = local.files.all
    var places = RollbackPlaces(rollouts, chain.operations)
    var rows = RollbackRows(home: home, scratch: surroundings.scratch)
    var kept = try keptThreads(places, local.files)
    kept += try keptAdoptions(places, besides: kept)
    let branches = try branches(&kept)
    kept += holders(ofWorkOn: kept, places)
    let reasons = Dictionary(
      kept.map { ($0.thread, $0.reason.text) }, uniquingKeysWith: { first, _ in first })
    var effects: [RollbackPlan.Effect] = []
    var steps = RollbackSteps()
    for deed in chain.deeds.reversed() {
      let operation = deed.operation
      if case .row(let change) = operation, change.isWitness { continue }
      if let reason = Self.thread(of: operation).flatMap({ reasons[$0] }) {
        if let effect = Self.effect(operation, .kept, reason) { effects.append(effect) }
        continue
      }
      let (step, action, reason) =
        if case .row(let change) = operation { try rows.undo(change) } else { try undo(deed, &places) }
      if let effect = Self.effect(operation, action, reason) { effects.append(effect) }
      if case .plain(let operation) = step { try addCompanions(of: operation, &rows, &steps, &effects) }
      if let step { steps.add(step) }
    }
    for removal in try rows.removals(of: steps.all, but: chain.threadsWithOlderRows) {
      try addCompanions(of: removal, &rows, &steps, &effects)
      steps.add(.plain(removal))
      if let effect = Self.effect(removal, .undone, "made_by_codex") { effects.append(effect) }
    }
    effects += forgotten(by: steps.all)
    for witness in try rows.witnesses(of: steps.all) { steps.add(witness) }
    let titles = titles(of: kept)
    return RollbackPlan(
      transactions: chain.links.reversed().map(\.transaction),
      threads: threadChanges(effects, kept, titles), effects: effects, kept: kept, branches: branches,
      homeWarnings: local.files.warnings, titles: titles, steps: steps.all)
  }

  /// Takes the rows away first that a row takes along.
  private func addCompanions(
    of operation: Operation, _ rows: inout RollbackRows, _ steps: inout RollbackSteps,
    _ effects: inout [RollbackPlan.Effect]
  ) throws(SyncError) {
    for companion in try rows.companions(of: operation) {
      steps.add(.plain(companion))
      if let effect = Self.effect(companion, .undone, "goes_with_its_thread") { effects.append(effect) }
    }
  }

  /// The branches that keep the work on threads which then need not stay; where that was not asked for, notes which
  /// threads it could be.
  private func branches(_ kept: inout [RollbackPlan.KeptThread]) throws(SyncError) -> [SessionPlan] {
    let localWork = LocalWork(home: home, surroundings: surroundings)
    if keepsLocalWork {
      let branches = try localWork.branches(of: kept, besides: chain.takenThreads)
      kept.removeAll { thread in branches.contains { $0.threadID == thread.thread } }
      return branches
    }
    let possible = Set(
      (try? localWork.branches(of: kept, besides: chain.takenThreads))?.map(\.threadID) ?? [])
    for index in kept.indices { kept[index].canBecomeBranch = possible.contains(kept[index].thread) }
    return []
  }

  /// What Codex derived from the files that are cut, taken away or put back, and makes anew when they are opened.
  private func forgotten(by steps: [RollbackPlan.Step]) -> [RollbackPlan.Effect] {
    guard let database = try? home.threadHistory(), (try? FileStamp.of(database)) ?? nil != nil else {
      return []
    }
    let changed = Set(
      steps.compactMap { step in
        switch step {
        case .take(_, let place), .cut(_, let place, _, _): place.rolloutName?.rolloutID.text
        case .plain(.forgetDerived(let rollout)): rollout
        case .restore, .append, .plain: nil
        }
      })
    return changed.sorted().map {
      .init(
        operation: "forget_derived", path: nil, row: #"thread_history {"thread_id":"\#($0)"}"#,
        action: .undone, reason: nil)
    }
  }

  /// The threads whose files the operations wrote.
  static func threads(of operations: [Operation]) -> [ThreadID] {
    Set(operations.filter { if case .row = $0 { false } else { true } }.compactMap(thread)).sorted()
  }

  private typealias Undoing = (RollbackPlan.Step?, RollbackPlan.Effect.Action, String?)

  private func undo(_ deed: RollbackChain.Deed, _ places: inout RollbackPlaces) throws(SyncError) -> Undoing {
    do throws(FileError) {
      switch deed.operation {
      case .makeFolder(let path, _): return try removal(of: path, &places)
      case .removeFolder(let path): return (.plain(.makeFolder(path)), .undone, nil)
      case .moveFile(let path, let target):
        guard let place = places.exactly(target) else { return (nil, .kept, "moved") }
        places.move(place, to: path)
        return (.plain(.moveFile(target, to: path)), .undone, nil)
      case .dropLine(let path, let line): return (.plain(.addLine(path, line)), .undone, nil)
      case .forgetDerived: return (.plain(deed.operation), .undone, nil)
      case .append(let path, let extent):
        guard let place = places.place(of: path) else { return (nil, .gone, nil) }
        guard let stamp = try FileStamp.of(place.now), stamp.size > extent.start else {
          return (nil, .gone, nil)
        }
        let modified = extent.modifiedWithout
        return (.cut(at: place.at, now: place.now, to: extent.start, modified: modified), .undone, nil)
      case .takeFile, .cut, .addLine, .placeFile, .row: break
      }
    } catch {
      throw .file(error)
    }
    if let undoing = try undoFromJournal(deed, &places) { return undoing }
    return try undoJudged(deed, &places)
  }

  /// Undoes what needs content that the transaction keeps.
  private func undoFromJournal(
    _ deed: RollbackChain.Deed, _ places: inout RollbackPlaces
  ) throws(SyncError) -> Undoing? {
    guard let content = deed.operation.keptContent else { return nil }
    let source = try lift(SyncError.journal) { () throws(JournalError) in
      try journal.file(of: content, in: deed.transaction)
    }
    guard let source else { throw .forgotten(deed.transaction) }
    switch deed.operation {
    case .takeFile(let path, _):
      places.put(source, at: path)
      return (.restore(path, content, from: source), .undone, nil)
    case .cut(let path, let extent):
      guard places.place(of: path) != nil else { return (nil, .gone, nil) }
      return (.append(path, extent: extent, from: source), .undone, nil)
    default: return nil
    }
  }

  /// Undoes what may have been changed since.
  private func undoJudged(
    _ deed: RollbackChain.Deed, _ places: inout RollbackPlaces
  ) throws(SyncError) -> Undoing {
    if case .addLine(let path, let line) = deed.operation {
      let isThere = try effect(deed) == .present
      return isThere ? (.plain(.dropLine(path, line)), .undone, nil) : (nil, .gone, nil)
    }
    guard case .placeFile(let path, _) = deed.operation, let place = places.place(of: path) else {
      return (nil, .gone, nil)
    }
    // A thread's file was judged as a whole; any other that somebody changed is his.
    if Self.thread(of: deed.operation) == nil, try effect(deed) != .present { return (nil, .kept, "changed") }
    places.vacate(place.at)
    return (.take(at: place.at, now: place.now), .undone, nil)
  }

  /// Removing a folder as far as it is empty would be no undoing of anything.
  private func removal(of path: FilePath, _ places: inout RollbackPlaces) throws(FileError) -> Undoing {
    guard try FileStamp.of(path) != nil else { return (nil, .gone, nil) }
    guard try places.isEmpty(path) else { return (nil, .kept, "not_empty") }
    places.vacate(path)
    return (.plain(.removeFolder(path)), .undone, nil)
  }

  func effect(_ deed: RollbackChain.Deed) throws(SyncError) -> Effect {
    try lift(SyncError.journal) { () throws(JournalError) in
      try journal.effect(of: deed.operation, in: deed.transaction)
    }
  }

  static func thread(of operation: Operation) -> ThreadID? {
    switch operation {
    case .row(let change):
      (change.key["id"] ?? change.key["thread_id"] ?? change.key["child_thread_id"])?.string.flatMap(
        ThreadID.init)
    case .addLine(_, let line), .dropLine(_, let line):
      (try? JSONValue(parsing: Array(line.utf8)))?["id"]?.string.flatMap(ThreadID.init)
    case .forgetDerived(let rollout): ThreadID(rollout)
    default: operation.path?.rolloutName?.thread
    }
  }

  private static func effect(
    _ operation: Operation, _ action: RollbackPlan.Effect.Action, _ reason: String?
  ) -> RollbackPlan.Effect? {
    if case .forgetDerived = operation { return nil }
    var row: String?
    if case .row(let change) = operation {
      row = "\(change.table) \(String(decoding: change.key.bytes, as: UTF8.self))"
    }
    return RollbackPlan.Effect(
      operation: operation.json["op"]?.string ?? "", path: operation.path?.string, row: row, action: action,
      reason: reason)
  }
}
