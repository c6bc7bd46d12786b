import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Undoes a transaction, and nothing that came after it but what was built upon it.
public struct Rollback {
  /// Which transaction.
  public enum Choice: Sendable, Hashable {
    /// The newest that is not undone, or not in full, and is no rollback itself.
    case latest
    /// The one with this id, which may be a rollback.
    case id(String)
  }

  /// What a run came to.
  public struct Result: Sendable {
    /// The plan, which is also what was done.
    public let plan: RollbackPlan
    /// The transaction that undid the other; nil where nothing was changed.
    public let transaction: String?
    /// Why the undoing could not be noted in the sidecar, nil where it was; the work itself is done.
    public let sidecarProblem: SyncError?

    init(plan: RollbackPlan, transaction: String?, sidecarProblem: SyncError? = nil) {
      self.plan = plan
      self.transaction = transaction
      self.sidecarProblem = sidecarProblem
    }

    /// The result of a run that stopped at the plan.
    public init(planned plan: RollbackPlan) { self.init(plan: plan, transaction: nil) }
  }

  /// How far to go.
  public struct Options: Sendable, Hashable {
    /// Whether later transactions that were built upon it are undone too.
    public var cascades = false

    /// Whether a thread that went on becomes a branch first, so that it needs not stay.
    public var keepsLocalWork = false

    /// Undoes one transaction, or nothing.
    public init() {}
  }

  private let home: CodexHome
  private let surroundings: Surroundings
  private let options: Options
  private var workplace: Workplace { Workplace(home: home) }

  /// Prepares a rollback.
  public init(home: CodexHome, options: Options = Options(), surroundings: Surroundings) {
    self.home = home
    self.options = options
    self.surroundings = surroundings
  }

  /// Says what undoing a transaction would do.
  ///
  /// Writes nothing.
  public func plan(_ choice: Choice) throws(SyncError) -> RollbackPlan {
    try workplace.reading { () throws(SyncError) in
      let chain = try chain(choice)
      try refuseBusy(chain.threads)
      return try plan(chain)
    }
  }

  /// Undoes a transaction.
  public func execute(_ choice: Choice) throws(SyncError) -> Result {
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    let chain = try chain(choice)
    let locks = try ThreadLocks(home, chain.threads)
    defer { _ = locks }
    let plan = try plan(chain)
    if plan.isEmpty { return Result(plan: plan, transaction: nil) }
    let transaction = try RollbackApplier(home: home, surroundings: surroundings).apply(plan)
    do throws(SyncError) {
      try Noting(home: home, surroundings: surroundings).run()
      return Result(plan: plan, transaction: transaction)
    } catch {
      return Result(plan: plan, transaction: transaction, sidecarProblem: error)
    }
  }

  /// The transaction that is meant, and those that have to go before it.
  private func chain(_ choice: Choice) throws(SyncError) -> RollbackChain {
    let journal = workplace.journal
    let all = try lift(SyncError.journal) { () throws(JournalError) in try journal.transactions() }
    let chosen: Transaction
    switch choice {
    case .latest:
      guard
        let newest = all.first(where: { $0.stands && $0.undoes.isEmpty && $0.details["accepted"] == nil })
      else {
        throw .nothingToUndo
      }
      chosen = newest
    case .id(let id):
      guard let found = all.first(where: { $0.id == id }) else { throw .journal(.unknownTransaction(id)) }
      guard found.stands else { throw .notUndoable(id, found.status) }
      chosen = found
    }
    let chain = try lift(SyncError.journal) { () throws(JournalError) in
      try RollbackChain(chosen, among: all, in: journal)
    }
    let later = chain.links.dropFirst().map(\.transaction.id)
    guard later.isEmpty || options.cascades else { throw .laterTransactions(later) }
    return chain
  }

  private func plan(_ chain: RollbackChain) throws(SyncError) -> RollbackPlan {
    let plan = try RollbackPlanner(
      home: home, journal: workplace.journal, chain: chain, keepsLocalWork: options.keepsLocalWork,
      surroundings: surroundings
    ).plan()
    try CatalogueRows(home: home).require(plan.rows, scratch: surroundings.scratch)
    return plan
  }

  private func refuseBusy(_ threads: [ThreadID]) throws(SyncError) {
    if let error = try BusyThreads(among: threads, of: home).error { throw error }
  }
}
