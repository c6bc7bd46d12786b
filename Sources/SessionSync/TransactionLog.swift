import CodexHome
import Journal

/// The journal for reading: what was done here, newest first.
public struct TransactionLog {
  private let journal: Journal

  /// Looks at a home's journal.
  public init(home: CodexHome) { journal = Workplace(home: home).journal }

  /// The transactions, newest first.
  public func list(limit: Int? = nil) throws(SyncError) -> [Transaction] {
    let all = try lift(SyncError.journal) { () throws(JournalError) in try journal.transactions() }
    return Array(all.prefix(limit ?? all.count))
  }

  /// One transaction and its operations.
  public func show(_ id: String) throws(SyncError) -> (transaction: Transaction, operations: [Operation]) {
    try lift(SyncError.journal) { () throws(JournalError) in
      (try journal.transaction(id), try journal.operations(of: id))
    }
  }
}
