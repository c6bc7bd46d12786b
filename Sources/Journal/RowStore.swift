/// The catalogue as the journal sees it.
///
/// The journal itself knows no SQL: it works when a database is damaged.
public protocol RowStore {
  /// Says whether there is a catalogue, without opening it: it may be damaged.
  func isThere() throws(JournalError) -> Bool
  /// Makes all changes in one database transaction, or none.
  func apply(_ changes: [RowChange]) throws(JournalError)
  /// Says what is there now.
  func state(of change: RowChange) throws(JournalError) -> Effect
  /// Deletes what Codex derived from some rollouts.
  func forgetDerived(rollouts: [String]) throws(JournalError)
}

extension RowStore {
  /// Carries out those of a transaction's operations that delete what Codex derived.
  func forgetDerived(of operations: [Operation]) throws(JournalError) {
    let rollouts = operations.compactMap { operation -> String? in
      if case .forgetDerived(let rollout) = operation { rollout } else { nil }
    }
    if !rollouts.isEmpty { try forgetDerived(rollouts: rollouts) }
  }
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
