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

  /// How many bytes a transaction keeps for its undoing.
  public func kept(by transaction: Transaction) throws(SyncError) -> Int64 {
    try lift(SyncError.journal) { () throws(JournalError) in
      var sizes: [String: Int64] = [:]
      for content in try journal.keptContents(of: transaction.id)
      where try journal.file(of: content, in: transaction.id) != nil {
        sizes[content.sha256] = content.size
      }
      return sizes.values.sum
    }
  }

  /// One transaction, its operations, and how many bytes it keeps.
  public func show(
    _ id: String
  ) throws(SyncError) -> (transaction: Transaction, operations: [Operation], kept: Int64) {
    let (transaction, operations) = try lift(SyncError.journal) { () throws(JournalError) in
      (try journal.transaction(id), try journal.operations(of: id))
    }
    return (transaction, operations, try kept(by: transaction))
  }
}
