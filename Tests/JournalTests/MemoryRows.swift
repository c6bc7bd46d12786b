import CanonicalJSON
import Journal

/// A catalogue in memory, which refuses on request.
final class MemoryRows: RowStore {
  var rows: [JSONValue: JSONValue] = [:]
  var forgotten: [String] = []
  var refusesRows = false
  var isGone = false
  var refusesToForget = false
  /// Whether the next change is made and fails all the same, as where a database cannot end its commit.
  var failsAfterChanging = false
  /// What else happens just before rows are changed.
  var disturbance: () -> Void = {}
  /// What else happens once, just after rows were changed.
  var afterwards: (() -> Void)?

  func isThere() -> Bool { !isGone }

  func apply(_ changes: [RowChange]) throws(JournalError) {
    disturbance()
    if isGone && !changes.isEmpty { throw .rows("gone") }
    if refusesRows && !changes.isEmpty { throw .rows("refused") }
    var changed = rows
    for change in changes {
      if let before = change.before {
        guard changed[change.key] == before else { throw .rows("changed meanwhile") }
      }
      changed[change.key] = change.after
    }
    rows = changed
    afterwards?()
    afterwards = nil
    if failsAfterChanging {
      failsAfterChanging = false
      throw .rows("disk I/O error")
    }
  }

  func state(of change: RowChange) throws(JournalError) -> Effect {
    if isGone { return change.after == nil ? .present : .absent }
    if rows[change.key] == change.after { return .present }
    return rows[change.key] == change.before ? .absent : .foreign
  }

  func forgetDerived(rollouts: [String]) throws(JournalError) {
    if refusesToForget { throw .rows("locked") }
    forgotten += rollouts
  }
}
