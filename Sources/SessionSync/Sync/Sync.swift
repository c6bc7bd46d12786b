import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SessionPackage
import SystemPackage

/// Takes a package into a home: what `inspect-package` and `sync` do.
public struct Sync {
  private let home: CodexHome
  private let package: SessionPackage
  private let options: SyncOptions
  private let surroundings: Surroundings

  /// What a run came to.
  public struct Result: Sendable {
    /// The plan, which is also what was done, if anything was.
    public let plan: SyncPlan
    /// The transaction that carried it out; nil where nothing was written.
    public let transaction: String?
    /// Why what was done could not be noted in the sidecar, nil where it was; the work itself is done.
    public let sidecarProblem: SyncError?

    init(plan: SyncPlan, transaction: String?, sidecarProblem: SyncError? = nil) {
      self.plan = plan
      self.transaction = transaction
      self.sidecarProblem = sidecarProblem
    }

    /// The result of a run that stopped at the plan.
    public init(planned plan: SyncPlan) { self.init(plan: plan, transaction: nil) }
  }

  /// Prepares a run.
  public init(home: CodexHome, package: SessionPackage, options: SyncOptions, surroundings: Surroundings) {
    self.home = home
    self.package = package
    self.options = options
    self.surroundings = surroundings
  }

  /// Says what would be done.
  ///
  /// Writes nothing into the home.
  ///
  /// - Parameter expected: the digest of a plan that was shown; another one is refused.
  public func plan(expecting expected: String? = nil) throws(SyncError) -> SyncPlan {
    let planner = planner(ScanCache())
    let plan = try Workplace(home: home).reading { () throws(SyncError) in try planner.plan().plan }
    try check(plan, expected)
    return plan
  }

  /// Carries the plan out, and answers it.
  ///
  /// Plans without the lock first: where there is nothing to do, not a byte of the home is touched. Under the lock
  /// it plans again, because somebody may have been faster; what did not change is not read twice.
  ///
  /// - Parameter expected: the digest of the plan that was shown; another one is refused.
  public func execute(expecting expected: String? = nil) throws(SyncError) -> Result {
    let workplace = Workplace(home: home)
    let cache = ScanCache()
    var planner = planner(cache)
    if let plan = try planUnlocked(planner) {
      try check(plan, expected)
      if plan.isEmpty { return Result(plan: plan, transaction: nil) }
    }
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    while true {
      let (plan, local) = try planner.plan()
      try check(plan, expected)
      if plan.isEmpty { return Result(plan: plan, transaction: nil) }
      let applier = Applier(home: home, journal: workplace.journal, surroundings: surroundings)
      let outcome: Applier.Outcome
      do throws(SyncError) { outcome = try applier.apply(plan) } catch {
        // All was taken back; the others go on without the sessions that need what cannot be written.
        guard case .journal(.file(let failure)) = error, failure.isRefusal else { throw error }
        let stopped = plan.sessions(writing: failure.path).filter { planner.unwritable[$0] == nil }
        if stopped.isEmpty { throw error }
        for session in stopped { planner.unwritable[session] = Blocker(unwritable: failure) }
        continue
      }
      switch outcome {
      case .done(let transaction):
        return Result(plan: plan, transaction: transaction, sidecarProblem: note(plan, local))
      case .busy(let thread):
        guard planner.busy.insert(thread).inserted else { throw .busy([thread]) }
      }
    }
  }

  /// What would be done, without the lock; nil where a crash left something to be settled under it first.
  private func planUnlocked(_ planner: Planner) throws(SyncError) -> SyncPlan? {
    do throws(SyncError) {
      return try Workplace(home: home).reading { () throws(SyncError) in try planner.plan().plan }
    } catch {
      if case .needsRecovery = error { return nil }
      throw error
    }
  }

  private func note(_ plan: SyncPlan, _ local: LocalThreads) -> SyncError? {
    let noting = Noting(home: home, surroundings: surroundings)
    do throws(SyncError) {
      try noting.run(before: local, written: plan.sessions.compactMap(\.write).compactMap(noting.note))
      return nil
    } catch {
      return error
    }
  }

  private func planner(_ cache: ScanCache) -> Planner {
    Planner(home: home, package: package, options: options, surroundings: surroundings, cache: cache)
  }

  private func check(_ plan: SyncPlan, _ expected: String?) throws(SyncError) {
    guard let expected, expected != plan.digest else { return }
    throw .planChanged(expected: expected, found: plan.digest)
  }
}
