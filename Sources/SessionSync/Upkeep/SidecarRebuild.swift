import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import Sidecar
import SystemPackage

/// Makes the sidecar anew from transcripts, markers and journal: what `rebuild-sidecar` does.
///
/// After a restore this is the way to what is right: only what no file tells is lost, which threads were deleted here
/// and which were longer before.
public struct SidecarRebuild {
  /// What would be done.
  public struct Plan: Sendable {
    /// Threads that would be read and noted.
    public let threads: Int
    /// Transactions that would be taken in.
    public let transactions: Int
    /// Threads that are not here any more, and would no longer be known as deleted.
    public let forgotten: [ThreadID]
    /// Whether there is a sidecar that can be read.
    public let isReadable: Bool
    /// What of the home could not be looked into.
    public let homeWarnings: [HomeWarning]
  }

  private let home: CodexHome
  private let surroundings: Surroundings
  private var workplace: Workplace { Workplace(home: home) }

  /// Prepares a run.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// Says what would be done.
  ///
  /// Writes nothing.
  public func plan() throws(SyncError) -> Plan {
    try workplace.reading { () throws(SyncError) in try makePlan() }
  }

  /// Does it.
  public func execute() throws(SyncError) -> Plan {
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    let plan = try makePlan()
    let path = workplace.sidecar
    surroundings.watch.did(.sidecar)
    let sidecar = try lift(SyncError.sidecar) { () throws(SidecarError) in try Sidecar(writing: path) }
    let journal = workplace.journal
    let replay = try lift(SyncError.journal) { () throws(JournalError) in try JournalReplay(journal) }
    let local = try LocalThreads(home, surroundings)
    // Markers that only the journal remembers are needed to read the threads, and these to judge what of it holds.
    try replay.runAnew(into: sidecar) { _, thread in !local.isTaken(thread) }
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.take([], forgetting: .all) }
    try Noting(home: home, surroundings: surroundings).run()
    let replayed = try TransactionReplay(home: home, surroundings: surroundings).takeIn(
      try LocalThreads(home, surroundings))
    if try accept(AcceptedLosses.open(replayed)) {
      try Noting(home: home, surroundings: surroundings).run()
    }
    return plan
  }

  /// Remembers in the journal that what is gone is to be gone; answers whether there was something.
  private func accept(_ losses: [AcceptedLosses.Loss]) throws(SyncError) -> Bool {
    if losses.isEmpty { return false }
    let transaction = Transaction(
      id: try workplace.nextTransactionID(surroundings), createdAt: surroundings.now.text, command: "rebuild",
      planDigest: nil, details: ["accepted": .array(losses.map(\.json))])
    let journal = workplace.journal
    try lift(SyncError.journal) { () throws(JournalError) in
      var pending = try journal.begin(transaction)
      try pending.run(CatalogueRows(home: home))
    }
    return true
  }

  private func makePlan() throws(SyncError) -> Plan {
    let local = try LocalThreads(home, surroundings)
    try local.requireWhole()
    let path = workplace.sidecar
    let (noted, isReadable) = try lift(SyncError.sidecar) { () throws(SidecarError) in
      let found = try Sidecar(reading: path, scratch: surroundings.scratch)
      return (try found?.notedThreads() ?? [], found != nil)
    }
    return Plan(
      threads: local.entries.count,
      transactions: try TransactionLog(home: home).list().count(where: \.stands),
      forgotten: noted.filter(local.isDeleted).sorted(), isReadable: isReadable,
      homeWarnings: local.files.warnings)
  }
}
