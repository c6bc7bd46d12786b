import CodexHome
import Journal

/// Settles what a crash left: finishes a transaction whose effects are all there, undoes any other.
public struct Recover {
  private let home: CodexHome
  private let watch: any RunWatch

  /// Prepares a run.
  public init(home: CodexHome, watch: any RunWatch = Unwatched()) {
    self.home = home
    self.watch = watch
  }

  /// The transactions that are open.
  ///
  /// Writes nothing.
  public func open() throws(SyncError) -> [Transaction] {
    try Workplace(home: home).survey().open
  }

  /// Settles them, newest first.
  public func run() throws(SyncError) -> [(transaction: Transaction, outcome: Recovery.Outcome)] {
    let workplace = Workplace(home: home)
    let survey = try workplace.survey()
    let litter = try lift(SyncError.journal) { () throws(JournalError) in
      try workplace.journal.litter(survey)
    }
    if litter.isEmpty, survey.open.isEmpty { return [] }
    let lock = try workplace.lock()
    defer { _ = lock }
    return try workplace.recover(watch)
  }
}
