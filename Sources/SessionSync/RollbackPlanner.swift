import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Works out how one transaction is undone, and what of it has to stay.
struct RollbackPlanner {
  let home: CodexHome
  let journal: Journal
  let transaction: Transaction

  func plan() throws(SyncError) -> RollbackPlan {
    let operations = try lift(SyncError.journal) { () throws(JournalError) in
      try journal.operations(of: transaction.id)
    }
    let rollouts = try lift(SyncError.home) { () throws(CodexHomeError) in try home.rollouts() }
    let places = RollbackPlaces(rollouts, operations)
    let kept = try keptThreads(operations, places, rollouts)
    let keptIDs = Set(kept.map(\.thread))
    var effects: [RollbackPlan.Effect] = []
    var steps: [RollbackPlan.Step] = []
    var vacated: Set<FilePath> = []
    for operation in operations.reversed() {
      let thread = Self.thread(of: operation)
      if let thread, keptIDs.contains(thread) {
        let reason = kept.first { $0.thread == thread }?.reason.text
        if let effect = Self.effect(operation, .kept, reason) { effects.append(effect) }
        continue
      }
      let (step, action, reason) = try undo(operation, places, &vacated)
      if let effect = Self.effect(operation, action, reason) { effects.append(effect) }
      if let step { steps.append(step) }
    }
    steps += try rowsOfRemoved(steps, operations)
    return RollbackPlan(transaction: transaction, effects: effects, kept: kept, steps: steps)
  }

  /// The rows that Codex itself made for files which are taken away, where the transaction wrote none.
  private func rowsOfRemoved(
    _ steps: [RollbackPlan.Step], _ operations: [Operation]
  ) throws(SyncError) -> [RollbackPlan.Step] {
    let written = Set(operations.compactMap { if case .row(let change) = $0 { change.key } else { nil } })
    var removals: [RollbackPlan.Step] = []
    for case .take(_, let place, nil) in steps {
      guard let thread = place.rolloutName?.thread else { continue }
      let key: JSONValue = ["id": .string(thread.text)]
      if written.contains(key) { continue }
      let rows = CatalogueRows(home: home)
      let change = RowChange(table: "threads", key: key, before: nil, after: nil)
      let current = try lift(SyncError.journal) { () throws(JournalError) in try rows.row(change) }
      guard let current, current["rollout_path"]?.string == place.string else { continue }
      removals.append(.plain(.row(RowChange(table: "threads", key: key, before: current, after: nil))))
    }
    return removals
  }

  /// The threads whose files the transaction wrote.
  static func threads(of operations: [Operation]) -> [ThreadID] {
    Set(operations.filter { if case .row = $0 { false } else { true } }.compactMap(thread)).sorted()
  }

  private func undo(
    _ operation: Operation, _ places: RollbackPlaces, _ vacated: inout Set<FilePath>
  ) throws(SyncError) -> (RollbackPlan.Step?, RollbackPlan.Effect.Action, String?) {
    switch operation {
    case .makeFolder(let path):
      let (names, isThere) = try lift(SyncError.file) { () throws(FileError) in
        (try Folder.names(in: path), try FileStamp.of(path) != nil)
      }
      guard isThere else { return (nil, .gone, nil) }
      // Removing the folder as far as it is empty would be no undoing of anything.
      let isVacated = names.allSatisfy { vacated.contains(path.appending($0)) }
      guard isVacated else { return (nil, .kept, "not_empty") }
      vacated.insert(path)
      return (.plain(.removeFolder(path)), .undone, nil)
    case .removeFolder(let path): return (.plain(.makeFolder(path)), .undone, nil)
    case .moveFile(let path, let target):
      guard places.isMovedBack(target) else { return (nil, .kept, "moved") }
      vacated.insert(target)
      return (.plain(.moveFile(target, to: path)), .undone, nil)
    case .addLine(let path, let line):
      let isThere = try effect(operation) == .present
      return isThere ? (.plain(.dropLine(path, line)), .undone, nil) : (nil, .gone, nil)
    case .dropLine(let path, let line): return (.plain(.addLine(path, line)), .undone, nil)
    case .row(let change): return try undo(change)
    case .forgetDerived: return (.plain(operation), .undone, nil)
    case .placeFile(let path, let content):
      guard let place = places.place(of: path) else { return (nil, .gone, nil) }
      // A thread's file was judged as a whole; any other that somebody changed is his.
      if Self.thread(of: operation) == nil, try effect(operation) != .present {
        return (nil, .kept, "changed")
      }
      let cutTo = places.isAppendedTo(path) ? content : nil
      vacated.formUnion([place, places.undoPath(place, path)])
      return (.take(at: places.undoPath(place, path), now: place, cutTo: cutTo), .undone, nil)
    case .append(let path, let extent):
      guard let place = places.place(of: path) else { return (nil, .gone, nil) }
      return (.cut(at: places.undoPath(place, path), now: place, extent: extent), .undone, nil)
    case .takeFile(let path, let content): return (.restore(path, content), .undone, nil)
    case .cut(let path, let extent): return (.append(path, extent: extent), .undone, nil)
    }
  }

  /// A column that changed since is somebody's own and stays; so does the row of a thread that stays.
  private func undo(
    _ change: RowChange
  ) throws(SyncError) -> (RollbackPlan.Step?, RollbackPlan.Effect.Action, String?) {
    let rows = CatalogueRows(home: home)
    let current = try lift(SyncError.journal) { () throws(JournalError) in try rows.row(change) }
    guard let after = change.after else {
      if current != nil { return (nil, .kept, "changed") }
      return (.plain(.row(change.inverse)), .undone, nil)
    }
    guard let current else { return (nil, .gone, nil) }
    guard let before = change.before else {
      let whole = RowChange(table: change.table, key: change.key, before: current, after: nil)
      return (.plain(.row(whole)), .undone, nil)
    }
    let untouched = (after.members ?? []).filter { current[$0.key] == $0.value }
    let inverse = RowChange(
      table: change.table, key: change.key, before: .object(untouched),
      after: .object(untouched.map { .init($0.key, before[$0.key] ?? .null) }))
    let touched = (after.members ?? []).filter { current[$0.key] != $0.value }.map(\.key)
    let reason = touched.isEmpty ? nil : "columns changed since: \(touched.joined(separator: ", "))"
    return untouched.isEmpty ? (nil, .kept, reason) : (.plain(.row(inverse)), .undone, reason)
  }

  func effect(_ operation: Operation) throws(SyncError) -> Effect {
    try lift(SyncError.journal) { () throws(JournalError) in
      try journal.effect(of: operation, in: transaction.id)
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
