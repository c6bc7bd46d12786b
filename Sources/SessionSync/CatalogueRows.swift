import CanonicalJSON
import CodexHome
import Journal
import Rollout
import SystemPackage

/// The home's databases as the journal writes to them.
struct CatalogueRows: RowStore {
  let home: CodexHome

  func isThere() throws(JournalError) -> Bool {
    do throws(CodexHomeError) { return try home.stateDatabase() != nil } catch {
      throw Self.journalError(error)
    }
  }

  func apply(_ changes: [RowChange]) throws(JournalError) {
    if changes.isEmpty { return }
    guard let database = try open() else { throw .rows("the catalogue is gone") }
    do throws(CodexHomeError) { try database.apply(changes.map(Self.edit)) } catch {
      throw Self.journalError(error)
    }
  }

  func state(of change: RowChange) throws(JournalError) -> Effect {
    // A catalogue that is gone holds no effect of ours.
    guard let database = try open() else { return change.after == nil ? .present : .absent }
    do throws(CodexHomeError) {
      switch try database.state(of: Self.edit(change)) {
      case .after: return .present
      case .before: return .absent
      case .other: return .foreign
      }
    } catch {
      throw Self.journalError(error)
    }
  }

  func forgetDerived(rollouts: [String]) throws(JournalError) {
    do throws(CodexHomeError) {
      try ThreadHistoryDatabase.forget(rollouts: rollouts, in: try home.threadHistory())
    } catch {
      throw Self.journalError(error)
    }
  }

  /// Why the catalogue would not take changes; nil where it would, or there is none.
  ///
  /// Found out on a copy in `scratch`, before anything is written.
  func refusal(of changes: [RowChange], scratch: FilePath) throws(SyncError) -> String? {
    try lift(SyncError.home) { () throws(CodexHomeError) in
      guard !changes.isEmpty, let found = try home.stateDatabase() else { return nil }
      return try Rehearsal.refusal(of: changes.map(Self.edit), in: found.path, scratch: scratch)
    }
  }

  /// Throws `.home(.database)` where the catalogue would not take changes.
  func require(_ changes: [RowChange], scratch: FilePath) throws(SyncError) {
    guard let reason = try refusal(of: changes, scratch: scratch) else { return }
    let path = try lift(SyncError.home) { () throws(CodexHomeError) in try home.stateDatabase()?.path }
    throw .home(.database(path ?? home.root, reason: reason))
  }

  /// Changes as they are to be journalled: what is to be inserted over a row that is there is a change of that row.
  ///
  /// A plan knows the rows of `threads`; an edge or a tool of the thread may have been left by a file that was lost.
  func seen(_ changes: [RowChange]) throws(JournalError) -> [RowChange] {
    guard changes.contains(where: { $0.before == nil }), let database = try open() else { return changes }
    do throws(CodexHomeError) {
      return try changes.map { change throws(CodexHomeError) in
        guard change.before == nil, let after = change.after?.members,
          let row = try database.row(table: change.table, key: change.key)
        else { return change }
        let changed = after.filter { row[$0.key] != $0.value }
        return RowChange(
          table: change.table, key: change.key,
          before: .object(changed.map { .init($0.key, row[$0.key] ?? .null) }), after: .object(changed))
      }
    } catch {
      throw Self.journalError(error)
    }
  }

  /// The row that a change is about, as it is now; nil where there is none.
  func row(_ change: RowChange) throws(JournalError) -> JSONValue? {
    guard let database = try open() else { return nil }
    do throws(CodexHomeError) {
      return try database.row(table: change.table, key: change.key)
    } catch {
      throw Self.journalError(error)
    }
  }

  private func open() throws(JournalError) -> StateDatabase? {
    do throws(CodexHomeError) {
      guard let found = try home.stateDatabase() else { return nil }
      return try StateDatabase(found.path)
    } catch {
      throw Self.journalError(error)
    }
  }

  private static func journalError(_ error: CodexHomeError) -> JournalError {
    switch error {
    case .databaseBusy: .rowsBusy
    case .database(let path, let reason): .rows("\(path): \(reason)")
    case .file(let error): .file(error)
    case .missing(let path), .notAHome(let path): .rows("\(path) is gone")
    case .away(let paths): .rows("\(paths.map(\.string).joined(separator: ", ")) is on a disk that is away")
    case .config(let path, let defect): .rows("\(path), line \(defect.line): \(defect.reason)")
    }
  }

  private static func edit(_ change: RowChange) -> StateDatabase.Edit {
    StateDatabase.Edit(table: change.table, key: change.key, before: change.before, after: change.after)
  }
}
