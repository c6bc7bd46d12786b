import Journal
import Rollout
import SystemPackage

/// What of transactions is still to be undone: an earlier undoing may have taken back a part.
struct StandingOperations {
  private let journal: Journal

  init(_ journal: Journal) { self.journal = journal }

  /// The operations of a transaction, in order, but those that were undone.
  ///
  /// - Parameter transaction: as `Journal.transactions()` answers it.
  func of(_ transaction: Transaction) throws(JournalError) -> [Operation] {
    let operations = try journal.operations(of: transaction.id)
    if transaction.undoers.isEmpty { return operations }
    // What is no thread's, as a skill or a folder, is told from what the undoings did to its path.
    var undone: Set<FilePath> = []
    for undoer in transaction.undoers {
      undone.formUnion(try of(undoer).filter { RollbackPlanner.thread(of: $0) == nil }.compactMap(\.path))
    }
    return operations.filter { operation in
      guard let thread = RollbackPlanner.thread(of: operation) else {
        return operation.path.map { !undone.contains($0) } ?? true
      }
      return transaction.fate(of: thread.text)?.isUndone != true
    }
  }
}
