import CanonicalJSON
import CodexHome
import Journal
import Rollout
import SystemPackage

/// The catalogue's rows as they will be while a rollback is carried out.
struct RollbackRows {
  /// A copy of the catalogue; nil where there is none.
  ///
  /// One that cannot be read is in nobody's way who needs no row.
  private let catalogue: Result<StateDatabase?, SyncError>
  /// Rows that a step changes; nil where it takes one away.
  private var changed: [RowChange.Row: JSONValue?] = [:]
  /// Rows that come back: they are nobody else's.
  private var returned: Set<RowChange.Row> = []

  init(home: CodexHome, scratch: FilePath) {
    catalogue = Result { () throws(SyncError) in
      try lift(SyncError.home) { () throws(CodexHomeError) in
        guard let found = try home.stateDatabase() else { return nil }
        return try StateDatabase(copying: found.path, scratch: scratch)
      }
    }
  }

  /// Undoes a change: a column that changed since is somebody's own and stays.
  mutating func undo(
    _ change: RowChange
  ) throws(SyncError) -> (RollbackPlan.Step?, RollbackPlan.Effect.Action, String?) {
    let current = try row(change)
    guard let after = change.after else {
      if current != nil { return (nil, .kept, "changed") }
      guard let catalogue = try catalogue.get() else { return (nil, .kept, "no_catalogue") }
      returned.insert(change.row)
      let row = try change.before.map { row throws(SyncError) in
        try lift(SyncError.home) { () throws(CodexHomeError) in
          try catalogue.withoutDanglingReferences(row, in: change.table)
        }
      }
      let inverse = RowChange(table: change.table, key: change.key, before: nil, after: row)
      return (step(inverse, leaving: row), .undone, nil)
    }
    guard let current else { return (nil, .gone, nil) }
    guard let before = change.before else {
      let whole = RowChange(table: change.table, key: change.key, before: current, after: nil)
      return (step(whole, leaving: nil), .undone, nil)
    }
    let members = after.members ?? []
    let untouched = members.filter { current[$0.key] == $0.value }
    let touched = members.filter { current[$0.key] != $0.value }.map(\.key)
    let reason = touched.isEmpty ? nil : "columns changed since: \(touched.joined(separator: ", "))"
    if untouched.isEmpty { return (nil, .kept, reason) }
    let restored = untouched.map { JSONValue.Member($0.key, before[$0.key] ?? .null) }
    let inverse = RowChange(
      table: change.table, key: change.key, before: .object(untouched), after: .object(restored))
    return (step(inverse, leaving: restored.reduce(into: current) { $0[$1.key] = $1.value }), .undone, reason)
  }

  /// The rows that Codex itself made for files which are taken away, and not put back by another step.
  ///
  /// - Parameter older: threads whose row was there before their file was written.
  mutating func removals(
    of steps: [RollbackPlan.Step], but older: Set<ThreadID>
  ) throws(SyncError) -> [Operation] {
    var taken: [(thread: ThreadID, place: FilePath)] = []
    var restored: Set<FilePath> = []
    for step in steps {
      switch step {
      case .take(let path, let place):
        restored.remove(path)
        if let thread = place.rolloutName?.thread, !older.contains(thread) { taken.append((thread, place)) }
      case .restore(let path, _, _): restored.insert(path)
      case .cut, .append, .plain: break
      }
    }
    // A compressed file comes back before the one that was made of it goes.
    let staying = Set(restored.compactMap { $0.rolloutName?.thread })
    var removals: [Operation] = []
    for (thread, place) in taken where !staying.contains(thread) {
      let change = Self.ofThread(thread)
      if returned.contains(change.row) { continue }
      guard let current = try readableRow(change), current["rollout_path"]?.string == place.string else {
        continue
      }
      let removal = RowChange(table: change.table, key: change.key, before: current, after: nil)
      changed[removal.row] = .some(nil)
      removals.append(.row(removal))
    }
    return removals
  }

  /// The rows that are there, and stay as they are, of threads whose file a step puts back.
  func witnesses(of steps: [RollbackPlan.Step]) throws(SyncError) -> [RollbackPlan.Step] {
    let restored = Set(
      steps.compactMap { step in
        if case .restore(let path, _, _) = step { path.rolloutName?.thread } else { nil }
      })
    var witnesses: [RollbackPlan.Step] = []
    for thread in restored.sorted() {
      let change = Self.ofThread(thread)
      guard changed[change.row] == nil, try readableRow(change) != nil else { continue }
      witnesses.append(.plain(.row(.witness(of: change.row))))
    }
    return witnesses
  }

  /// The rows that go along where a thread's row goes: to be named, so that they come back with it.
  mutating func companions(of operation: Operation) throws(SyncError) -> [Operation] {
    guard case .row(let change) = operation, change.table == "threads", change.after == nil,
      let thread = RollbackPlanner.thread(of: operation)
    else { return [] }
    let catalogue = try catalogue.get()
    let found = try lift(SyncError.home) { () throws(CodexHomeError) in
      try catalogue?.dependents(ofThread: thread.text) ?? []
    }
    let companions = found.map { RowChange(table: $0.table, key: $0.key, before: $0.row, after: nil) }
      .filter { changed[$0.row] == nil }
    for companion in companions { changed[companion.row] = .some(nil) }
    return companions.map { .row($0) }
  }

  private static func ofThread(_ thread: ThreadID) -> RowChange {
    RowChange(table: "threads", key: ["id": .string(thread.text)], before: nil, after: nil)
  }

  /// A row of a catalogue that can be read: in one that is damaged nothing is written, and nothing was.
  private func readableRow(_ change: RowChange) throws(SyncError) -> JSONValue? {
    do throws(SyncError) { return try row(change) } catch {
      if case .home(.database) = error { return nil }
      throw error
    }
  }

  private func row(_ change: RowChange) throws(SyncError) -> JSONValue? {
    if let known = changed[change.row] { return known }
    let catalogue = try catalogue.get()
    return try lift(SyncError.home) { () throws(CodexHomeError) in
      try catalogue?.row(table: change.table, key: change.key)
    }
  }

  private mutating func step(_ change: RowChange, leaving row: JSONValue?) -> RollbackPlan.Step {
    changed[change.row] = .some(row)
    return .plain(.row(change))
  }
}
