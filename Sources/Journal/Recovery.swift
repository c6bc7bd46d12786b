import CanonicalJSON
import DurableFiles
import SystemPackage

/// Finishes or undoes what a crash left.
public struct Recovery {
  /// What became of one transaction.
  public enum Outcome: String, Sendable {
    /// Every effect was there: the commit record was written.
    case completed
    /// No effect was there, or all were taken back.
    case undone
    /// Somebody went on from our bytes: they stay, and the next sync classifies what is there.
    case kept
    /// Something could not be taken back, because this user may not write there any more, or the disk refuses: it stays
    /// too.
    case left
  }

  private let journal: Journal
  private let rows: any RowStore
  private let threads: any ThreadKnowledge
  private let watch: any TransactionWatch

  /// Looks at a journal and the catalogue it wrote to.
  public init(
    journal: Journal, rows: any RowStore, threads: any ThreadKnowledge,
    watch: any TransactionWatch = Unwatched()
  ) {
    self.watch = watch
    self.journal = journal
    self.rows = rows
    self.threads = threads
  }

  /// Settles every open transaction, newest first, and removes what nobody needs.
  ///
  /// - Parameter survey: the journal as it is, seen under the run's lock; nil to look at it now.
  public func run(
    _ survey: JournalSurvey? = nil
  ) throws(JournalError) -> [(transaction: Transaction, outcome: Outcome)] {
    let survey = if let survey { survey } else { try journal.survey() }
    journal.remember(survey)
    var settled: [(transaction: Transaction, outcome: Outcome)] = []
    for var transaction in survey.open {
      let outcome: Outcome
      let isDurable: Bool
      watch.willBegin(transaction.id)
      do throws(JournalError) {
        outcome = try settle(transaction)
        transaction.status = outcome == .completed ? .committed : .abandoned
        isDurable = try journal.settle(transaction)
      } catch {
        watch.didEnd(transaction.id, .prepared)
        throw .unsettled(transaction.id, error)
      }
      watch.didEnd(transaction.id, transaction.status)
      // Not before: by the content in the folder the next recovery would see that a file was taken.
      if isDurable { try? tidy(transaction, outcome) }
      settled.append((transaction, outcome))
    }
    for path in try journal.litter(survey) {
      try withFiles { () throws(FileError) in try Folder.removeTree(path) }
    }
    return settled
  }

  private func tidy(_ transaction: Transaction, _ outcome: Outcome) throws(JournalError) {
    let operations = try journal.operations(of: transaction.id)
    switch outcome {
    case .completed: try journal.tidy(transaction.id, operations)
    case .kept, .left:
      try journal.discardContents(of: operations.filter { $0.keptContent == nil }, in: transaction.id)
    case .undone: break
    }
  }

  private func settle(_ transaction: Transaction) throws(JournalError) -> Outcome {
    let folder = journal.folder(of: transaction.id)
    let operations = try journal.operations(of: transaction.id)
    try removeTemporaries(operations)
    let trace = Trace(operations: operations, executor: Executor(folder: folder), rows: rows)
    let effects = try trace.effects()
    if effects.allSatisfy({ $0 == .present }) {
      try rows.forgetDerived(of: operations)
      operations.forEach(trace.executor.setTime)
      return .completed
    }
    let outcome = try undo(operations, trace, effects)
    try rows.forgetDerived(of: operations)
    if outcome == .undone {
      try journal.discardContents(of: operations, in: transaction.id)
    } else {
      try removeSecondNames(operations, trace.executor)
    }
    return outcome
  }

  /// Takes back rows, then files, the last operation first; answers whether something had to stay.
  ///
  /// A file that can be written by nobody who runs this would keep the transaction open for ever.
  private func undo(_ operations: [Operation], _ trace: Trace, _ effects: [Effect]) throws(JournalError)
    -> Outcome
  {
    let staying = try trace.staying(effects, threads)
    // Codex makes a catalogue that is gone anew, from the files.
    if try rows.isThere() { try rows.apply(trace.changes(effects, staying, threads)) }
    var isKept = !staying.isEmpty
    var isLeft = false
    for (index, operation) in operations.enumerated().reversed() {
      if case .row = operation { continue }
      if !trace.wasReached(index, effects) { continue }
      if let thread = threads.thread(of: operation), staying.contains(thread) { continue }
      // Each operation is looked at again when its turn comes: those after it are gone by then.
      let effect = try trace.isContinued(index, effects) ? .continued : trace.executor.effect(of: operation)
      switch effect {
      case .absent: continue
      case .partial, .present:
        do throws(JournalError) { try trace.executor.revert(operation) } catch {
          guard case .file(let error) = error, error.isRefusal else { throw error }
          isLeft = true
        }
      case .continued, .foreign: isKept = true
      }
    }
    return isLeft ? .left : isKept ? .kept : .undone
  }

  /// Takes the journal's name away from a file that stays in the home: an interrupted move left it two.
  private func removeSecondNames(_ operations: [Operation], _ executor: Executor) throws(JournalError) {
    for case .placeFile(let path, let content) in operations where try executor.isMeeting(path, content) {
      try withFiles { () throws(FileError) in
        try DurableFile.remove(executor.folder.appending(content.name))
      }
    }
  }

  /// Removes what was being prepared beside a file when the crash came.
  private func removeTemporaries(_ operations: [Operation]) throws(JournalError) {
    for operation in operations {
      switch operation {
      case .placeFile(let path, _), .addLine(let path, _), .dropLine(let path, _):
        try withFiles { () throws(FileError) in try DurableFile.remove(DurableFile.temporary(for: path)) }
      default: continue
      }
    }
  }
}
