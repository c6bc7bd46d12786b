import CanonicalJSON
import CodexHome
import Journal
import Rollout

/// Takes threads that the transfer tool installed into lineages: what `adopt` does.
///
/// Not a byte of a transcript changes. The row is mended where Codex would not list or resume the thread as it is.
public struct Adopt {
  /// What would be done.
  public struct Plan: Sendable {
    /// Threads to be adopted.
    public let adoptions: [Adoption]
    /// Threads that were written or adopted here before, and need nothing.
    public let known: [ThreadID]
    /// Threads that cannot be read.
    public let blocked: [(thread: ThreadID, blocker: Blocker)]
    /// What of the home could not be looked into.
    public let homeWarnings: [HomeWarning]

    /// Whether executing would write anything.
    public var isEmpty: Bool { adoptions.isEmpty }
  }

  /// What a run came to.
  public struct Result: Sendable {
    /// The plan, which is also what was done.
    public let plan: Plan
    /// The transaction that did it; nil where nothing was written.
    public let transaction: String?
    /// Why what was done could not be noted in the sidecar, nil where it was; the work itself is done.
    public let sidecarProblem: SyncError?

    init(plan: Plan, transaction: String?, sidecarProblem: SyncError? = nil) {
      self.plan = plan
      self.transaction = transaction
      self.sidecarProblem = sidecarProblem
    }

    /// The result of a run that stopped at the plan.
    public init(planned plan: Plan) { self.init(plan: plan, transaction: nil) }
  }

  private let home: CodexHome
  private let threads: [ThreadID]
  private let surroundings: Surroundings

  /// Prepares a run; no `threads` stand for all that the transfer tool's journal names.
  public init(home: CodexHome, threads: [ThreadID], surroundings: Surroundings) {
    self.home = home
    self.threads = threads
    self.surroundings = surroundings
  }

  /// Says what would be done.
  ///
  /// Writes nothing.
  public func plan() throws(SyncError) -> Plan {
    try Workplace(home: home).reading { () throws(SyncError) in try makePlan() }
  }

  /// Does it, as one transaction.
  public func execute() throws(SyncError) -> Result {
    let workplace = Workplace(home: home)
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    let plan = try makePlan()
    if plan.isEmpty { return Result(plan: plan, transaction: nil) }
    try workplace.requireSpace(for: 0)
    let transaction = Transaction(
      id: try workplace.nextTransactionID(surroundings), createdAt: surroundings.now.text, command: "adopt",
      planDigest: nil, details: ["adopted": .array(plan.adoptions.map(\.record))])
    try lift(SyncError.journal) { () throws(JournalError) in
      var pending = try workplace.journal.begin(transaction, watch: surroundings.watch)
      for operation in plan.adoptions.flatMap(\.rows) { pending.add(operation) }
      try pending.run(CatalogueRows(home: home))
    }
    do throws(SyncError) {
      try Noting(home: home, surroundings: surroundings).run()
      return Result(plan: plan, transaction: transaction.id)
    } catch {
      return Result(plan: plan, transaction: transaction.id, sidecarProblem: error)
    }
  }

  private func makePlan() throws(SyncError) -> Plan {
    let local = try LocalThreads(home, surroundings)
    try local.requireWhole()
    for id in threads where local.entries[id] == nil { throw .unknownThread(id) }
    let installed = try lift(SyncError.home) { () throws(CodexHomeError) in
      try TransferJournal.threads(in: home)
    }
    let chosen = threads.isEmpty ? installed.filter { local.entries[$0] != nil }.sorted() : threads
    let adopter = try Adopter(home: home, local: local, surroundings: surroundings)
    var adoptions: [Adoption] = []
    var known: [ThreadID] = []
    var blocked: [(thread: ThreadID, blocker: Blocker)] = []
    for id in chosen {
      let isKnown = try local.memory.isInLineage(id)
      do throws(RolloutError) {
        guard let thread = try local.load(id) else { continue }
        let adoption = try adopter.adoption(of: thread)
        if isKnown, adoption.changes.isEmpty { known.append(id) } else { adoptions.append(adoption) }
      } catch {
        blocked.append((id, Blocker(error)))
      }
    }
    try CatalogueRows(home: home).require(adoptions.flatMap(\.changes), scratch: surroundings.scratch)
    return Plan(adoptions: adoptions, known: known, blocked: blocked, homeWarnings: local.files.warnings)
  }
}
