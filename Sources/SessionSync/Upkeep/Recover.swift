import CodexHome
import Journal

/// Settles what a crash left: finishes a transaction whose effects are all there, undoes any other.
public struct Recover {
  private let home: CodexHome

  /// Prepares a run.
  public init(home: CodexHome) { self.home = home }

  /// The transactions that are open.
  ///
  /// Writes nothing.
  public func open() throws(SyncError) -> [Transaction] {
    let journal = Workplace(home: home).journal
    return try lift(SyncError.journal) { () throws(JournalError) in try Recovery.open(in: journal) }
  }

  /// Settles them, newest first.
  public func run() throws(SyncError) -> [(transaction: Transaction, outcome: Recovery.Outcome)] {
    let workplace = Workplace(home: home)
    let isTidy = try lift(SyncError.journal) { () throws(JournalError) in
      try Recovery.litter(in: workplace.journal).isEmpty
    }
    if isTidy, try open().isEmpty { return [] }
    let lock = try workplace.lock()
    defer { _ = lock }
    return try workplace.recover()
  }
}
