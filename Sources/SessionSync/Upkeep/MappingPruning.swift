import CanonicalJSON
import CodexHome
import Journal
import Rollout
import Sidecar

/// Removes the mappings that `sidecar-health` calls invalid: what `prune-invalid-mappings` does.
public struct MappingPruning {
  /// What a run came to.
  public struct Result: Sendable {
    /// The mappings.
    public let mappings: [Sidecar.MappedSession]
    /// The transaction that removed them; nil where nothing was written.
    public let transaction: String?
    /// Why the removal could not be noted in the sidecar, nil where it was; the journal knows of it.
    public let sidecarProblem: SyncError?
  }

  private let home: CodexHome
  private let surroundings: Surroundings

  /// Prepares a run.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// Says which would be removed.
  ///
  /// Writes nothing.
  public func plan() throws(SyncError) -> Result {
    let mappings = try Workplace(home: home).reading { () throws(SyncError) in try invalid() }
    return Result(mappings: mappings, transaction: nil, sidecarProblem: nil)
  }

  /// Removes them, as one transaction.
  public func execute() throws(SyncError) -> Result {
    let workplace = Workplace(home: home)
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    let mappings = try invalid()
    if mappings.isEmpty { return Result(mappings: [], transaction: nil, sidecarProblem: nil) }
    try workplace.requireSpace(for: 0)
    let transaction = Transaction(
      id: try workplace.nextTransactionID(surroundings), createdAt: surroundings.now.text, command: "prune",
      planDigest: nil, details: ["pruned": .array(mappings.map(\.record))])
    try lift(SyncError.journal) { () throws(JournalError) in
      var pending = try workplace.journal.begin(transaction, watch: surroundings.watch)
      try pending.run(CatalogueRows(home: home))
    }
    do throws(SyncError) {
      try Noting(home: home, surroundings: surroundings).run()
      return Result(mappings: mappings, transaction: transaction.id, sidecarProblem: nil)
    } catch {
      return Result(mappings: mappings, transaction: transaction.id, sidecarProblem: error)
    }
  }

  private func invalid() throws(SyncError) -> [Sidecar.MappedSession] {
    // What lies on a disk that is away is not gone.
    try LocalThreads(home, surroundings).requireWhole()
    return try SidecarHealth(home: home, surroundings: surroundings).look().invalidMappings
  }
}
