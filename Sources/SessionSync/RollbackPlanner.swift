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
    let places = Places(rollouts, operations)
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
    _ operation: Operation, _ places: Places, _ vacated: inout Set<FilePath>
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

  private func keptThreads(
    _ operations: [Operation], _ places: Places, _ rollouts: [HomeRollout]
  ) throws(SyncError) -> [RollbackPlan.KeptThread] {
    var kept: [RollbackPlan.KeptThread] = []
    for operation in operations {
      guard let thread = Self.thread(of: operation), let path = operation.path else { continue }
      guard let place = places.place(of: path) else {
        // Codex compressed it, which is no reason to take a row away from a thread that is there.
        if let compressed = places.compressed(path) {
          kept.append(.init(thread: thread, path: compressed, reason: .changed))
        }
        continue
      }
      let start: Int64
      let placed: Operation
      switch operation {
      case .placeFile(_, let content):
        // A compressed file that was expanded to be appended to is judged by the append.
        if places.isAppendedTo(path) { continue }
        // A later segment: its user rewound the thread and goes on there.
        if let other = rollouts.first(where: { $0.name.thread == thread && $0.path != place }) {
          kept.append(.init(thread: thread, path: other.path, reason: .continued))
          continue
        }
        (start, placed) = (0, .placeFile(place, content))
      case .append(_, let extent): (start, placed) = (extent.start, .append(place, extent))
      case .cut(_, let extent):
        if let reason = try whyNotLengthened(place, extent) {
          kept.append(.init(thread: thread, path: place, reason: reason))
        }
        continue
      default: continue
      }
      let written: Int64 =
        switch placed {
        case .placeFile(_, let content): content.size
        case .append(_, let extent): extent.start + extent.content.size
        default: 0
        }
      switch try effect(placed) {
      case .foreign: kept.append(.init(thread: thread, path: place, reason: .changed))
      case .continued where try hasHistory(place, behind: written):
        kept.append(.init(thread: thread, path: place, reason: .continued))
      default:
        if let child = dependent(on: place, behind: start, rollouts) {
          kept.append(.init(thread: thread, path: place, reason: .isBaseOf(child)))
        }
      }
    }
    return kept
  }

  /// Why what was cut off cannot come back: the file went on from there.
  private func whyNotLengthened(
    _ path: FilePath, _ extent: Operation.Extent
  ) throws(SyncError) -> RollbackPlan.KeptThread.Reason? {
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(path) }
    if stamp?.size == extent.start { return nil }
    return try hasHistory(path, behind: extent.start) ? .continued : .changed
  }

  /// Whether records that the model sees follow the transaction's own.
  ///
  /// Codex appends bookkeeping at each opening; that is nobody's work.
  private func hasHistory(_ path: FilePath, behind offset: Int64) throws(SyncError) -> Bool {
    guard let name = path.rolloutName else { return true }
    return try lift(SyncError.rollout) { () throws(RolloutError) in
      try RolloutScan(path, name: name).records.contains { $0.offset >= offset && $0.kind.isHistory }
    }
  }

  /// A rollout that goes on from bytes which would be removed.
  ///
  /// Cutting them off would silently cut it too: Codex keeps no checksum of a base (0.163.0).
  private func dependent(on path: FilePath, behind start: Int64, _ rollouts: [HomeRollout]) -> ThreadID? {
    guard let name = path.rolloutName else { return nil }
    for other in rollouts where other.path != path {
      guard let base = (try? RolloutPeek(other.path))?.meta.base, base.rollout == name.rolloutID else {
        continue
      }
      if base.endOffset > start { return other.name.thread }
    }
    return nil
  }

  private func effect(_ operation: Operation) throws(SyncError) -> Effect {
    try lift(SyncError.journal) { () throws(JournalError) in
      try journal.effect(of: operation, in: transaction.id)
    }
  }

  private static func thread(of operation: Operation) -> ThreadID? {
    switch operation {
    case .row(let change):
      (change.key["id"] ?? change.key["thread_id"])?.string.flatMap(ThreadID.init)
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

/// Where the transaction's files are now: Codex moves them when a thread is archived.
private struct Places {
  private let rollouts: [HomeRollout]
  private let moves: [FilePath: FilePath]
  private let appended: Set<FilePath>
  private let taken: Set<FilePath>

  init(_ rollouts: [HomeRollout], _ operations: [Operation]) {
    self.rollouts = rollouts
    var moves: [FilePath: FilePath] = [:]
    for case .moveFile(let path, let target) in operations { moves[path] = target }
    self.moves = moves
    appended = Set(operations.compactMap { if case .append(let path, _) = $0 { path } else { nil } })
    taken = Set(operations.compactMap { if case .takeFile(let path, _) = $0 { path } else { nil } })
  }

  /// Whether the transaction appended to a file, which it may have put there itself: an expanded compressed one.
  func isAppendedTo(_ path: FilePath) -> Bool { appended.contains(path) }

  /// Where a file is now; nil where it is gone.
  func place(of path: FilePath) -> FilePath? {
    if ((try? FileStamp.of(path)) ?? nil) != nil { return path }
    let name = path.lastComponent?.string
    return rollouts.first { $0.path.lastComponent?.string == name }?.path
  }

  /// The compressed file that took a file's place; nil where there is none, or the transaction took it itself.
  func compressed(_ path: FilePath) -> FilePath? {
    let name = path.lastComponent.map { "\($0.string).zst" }
    return rollouts.first { $0.path.lastComponent?.string == name && !taken.contains($0.path) }?.path
  }

  /// Whether the transaction's own move to `target` is undone: the file is still where it was moved to, or is put
  /// back there first.
  func isMovedBack(_ target: FilePath) -> Bool {
    taken.contains(target) || ((try? FileStamp.of(target)) ?? nil) != nil
  }

  /// Where a file will be once the transaction's own moves are undone.
  func undoPath(_ place: FilePath, _ path: FilePath) -> FilePath {
    moves[path] == place ? path : place
  }
}
