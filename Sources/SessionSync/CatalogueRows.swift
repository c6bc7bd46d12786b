import CanonicalJSON
import CodexHome
import Journal
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
      try ThreadHistoryDatabase.forget(rollouts: rollouts, in: home.threadHistory)
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
    }
  }

  private static func edit(_ change: RowChange) -> StateDatabase.Edit {
    StateDatabase.Edit(table: change.table, key: change.key, before: change.before, after: change.after)
  }
}
