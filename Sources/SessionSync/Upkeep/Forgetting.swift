import CodexHome
import Journal
import Rollout

/// What forgetting would take away.
public struct ForgettingPlan: Sendable {
  /// The transactions that keep something, newest first, with its bytes.
  public let transactions: [(transaction: Transaction, kept: Int64)]
  /// The bytes of all.
  public var bytes: Int64 { transactions.map(\.kept).sum }
}

/// Forgets what undoing old transactions would need: what `gc` does.
///
/// The journal still tells what they did, so that a sidecar can be rebuilt from it.
public struct Forgetting {
  private let home: CodexHome
  private let before: Timestamp
  private let watch: any RunWatch

  /// Prepares to forget the transactions that were begun before a time.
  public init(home: CodexHome, before: Timestamp, watch: any RunWatch = Unwatched()) {
    self.home = home
    self.watch = watch
    self.before = before
  }

  /// Says what would be forgotten.
  ///
  /// Writes nothing.
  public func plan() throws(SyncError) -> ForgettingPlan {
    try Workplace(home: home).reading { () throws(SyncError) in try makePlan() }
  }

  /// Forgets it.
  public func execute() throws(SyncError) -> ForgettingPlan {
    let workplace = Workplace(home: home)
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(watch)
    let plan = try makePlan()
    let journal = workplace.journal
    if !plan.transactions.isEmpty { watch.did(.forgetting) }
    try lift(SyncError.journal) { () throws(JournalError) in
      try journal.forget(plan.transactions.map(\.transaction))
    }
    return plan
  }

  private func makePlan() throws(SyncError) -> ForgettingPlan {
    let log = TransactionLog(home: home)
    var found: [(transaction: Transaction, kept: Int64)] = []
    for transaction in try log.list() where !transaction.isForgotten {
      // What recovery could not put back may be all there is of it.
      if transaction.status == .abandoned { continue }
      guard let time = Timestamp(transaction.createdAt), time < before else { continue }
      let kept = try log.kept(by: transaction)
      if kept > 0 { found.append((transaction, kept)) }
    }
    return ForgettingPlan(transactions: found)
  }
}
