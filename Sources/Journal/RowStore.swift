/// The catalogue as the journal sees it.
///
/// The journal itself knows no SQL: it works when a database is damaged.
public protocol RowStore {
  /// Makes all changes in one database transaction, or none.
  func apply(_ changes: [RowChange]) throws(JournalError)
  /// Says what is there now.
  func state(of change: RowChange) throws(JournalError) -> Effect
  /// Deletes what Codex derived from a rollout.
  func forgetDerived(rollout: String) throws(JournalError)
}

/// How much of an operation is to be seen.
public enum Effect: Sendable, Hashable {
  /// Nothing: all is as before.
  case absent
  /// A part of it, and nothing else.
  case partial
  /// All of it, and nothing else.
  case present
  /// All of it, and somebody went on from there.
  case continued
  /// Something else: neither before nor after.
  case foreign
}
