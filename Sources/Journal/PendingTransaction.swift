import CanonicalJSON
import DurableFiles
import SystemPackage

/// A transaction on its way: stage content, list operations, then `run`.
///
/// The order is the promise: intent durable, then files, then rows, then the commit record. A crash in between
/// leaves what `Recovery` can finish or undo.
public struct PendingTransaction {
  /// The manifest as it stands.
  public private(set) var transaction: Transaction
  private let journal: Journal
  private let watch: any TransactionWatch
  private var operations: [Operation] = []
  private var notes: JSONValue?
  private var contents = 0
  /// The folders that are going to be made.
  private var folders: Set<FilePath> = []
  /// Where in the operations a row is changed.
  private var places: [RowChange.Row: Int] = [:]

  init(_ transaction: Transaction, journal: Journal, watch: any TransactionWatch) {
    self.transaction = transaction
    self.journal = journal
    self.watch = watch
  }

  /// The folder for content files.
  public var folder: FilePath { journal.folder(of: transaction.id) }

  /// Begins a content file.
  public mutating func content() throws(JournalError) -> ContentWriter {
    try ContentWriter(folder, name: reserveName())
  }

  /// Reserves the name of a content file that an operation will move into the folder.
  public mutating func reserveName() -> String {
    contents += 1
    return "content-\(contents)"
  }

  /// Adds the next operation; a second change of one row goes into the first.
  public mutating func add(_ operation: Operation) {
    switch operation {
    case .makeFolder(let path, _): folders.insert(path)
    case .row(let change):
      if let index = places[change.row], let first = operations[index].row {
        operations[index] = .row(first.followed(by: change))
        return
      }
      places[change.row] = operations.count
    default: break
    }
    operations.append(operation)
  }

  /// Remembers what is too long for the manifest, which is written and read again and again.
  public mutating func note(_ notes: JSONValue) { self.notes = notes }

  /// Adds what is needed for a folder to exist.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - top: a folder above it; no link may lie between the two.
  public mutating func addFolders(for folder: FilePath, below top: FilePath? = nil) throws(JournalError) {
    var missing: [FilePath] = []
    var at = folder
    while try withFiles({ () throws(FileError) in try FileStamp.ofTarget(at) }) == nil,
      at != at.removingLastComponent()
    {
      missing.insert(at, at: 0)
      at = at.removingLastComponent()
    }
    for path in missing where folders.insert(path).inserted {
      operations.append(.makeFolder(path, below: top))
    }
  }

  /// Carries the operations out and commits them; when a step fails, takes back those before it and throws.
  public mutating func run(_ rows: some RowStore) throws(JournalError) {
    watch.willBegin(transaction.id)
    do throws(JournalError) {
      try carryOut(rows)
    } catch {
      if case .unsettled = error {
        watch.didEnd(transaction.id, .prepared)
      } else {
        watch.didEnd(transaction.id, .abandoned)
      }
      throw error
    }
    watch.didEnd(transaction.id, .committed)
  }

  private mutating func carryOut(_ rows: some RowStore) throws(JournalError) {
    settleRows()
    do throws(JournalError) { try writeIntent() } catch {
      try withdraw(error)
      throw error
    }
    var done = 0
    var areRowsBegun = false
    let isDurable: Bool
    do throws(JournalError) {
      try Executor(folder: folder).apply(operations) { operation throws(JournalError) in
        if watch.isStopped { throw .interrupted }
      } done: { _ in
        done += 1
      }
      if watch.isStopped { throw JournalError.interrupted }
      try rows.forgetDerived(of: operations)
      areRowsBegun = true
      try rows.apply(changes)
      _ = try reach(.applied)
      isDurable = try reach(.committed)
    } catch {
      do throws(JournalError) {
        // What somebody else holds was not written to.
        if areRowsBegun, error != .rowsBusy { try takeBack(rows) }
        try takeBack(done)
      } catch let second {
        throw .unsettled(transaction.id, second)
      }
      throw error
    }
    // What is not tidied up takes room, no more: the work is done.
    if isDurable { try? journal.tidy(transaction.id, operations) }
  }

  /// Of changes that come to nothing remains that the row was there.
  private mutating func settleRows() {
    operations = operations.compactMap { operation in
      guard let change = operation.row, change.isEmpty else { return operation }
      return change.isWitness ? .row(.witness(of: change.row)) : nil
    }
  }

  /// Gives up before anything was changed.
  public func abandon() {
    try? Folder.removeTree(folder)
  }

  private mutating func writeIntent() throws(JournalError) {
    let lines = operations.map(\.json.bytes).reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
    transaction.operationsDigest = FileDigest.sha256(of: lines)
    try withFiles { () throws(FileError) in
      if let notes { try DurableFile.replace(journal.notes(of: transaction.id), with: notes.bytes + [0x0A]) }
      try DurableFile.replace(folder.appending("operations.jsonl"), with: lines)
    }
    try journal.record(transaction)
  }

  private var changes: [RowChange] { operations.compactMap(\.row) }

  private mutating func reach(_ status: Transaction.Status) throws(JournalError) -> Bool {
    transaction.status = status
    return try journal.settle(transaction)
  }

  /// Removes an intent that could not be written in full; nothing was done yet.
  private func withdraw(_ error: JournalError) throws(JournalError) {
    try? DurableFile.remove(folder.appending("manifest.json"))
    abandon()
    if (try? journal.manifest(transaction.id)) != nil { throw .unsettled(transaction.id, error) }
  }

  /// Takes back the rows.
  ///
  /// A database that failed at the very end of a commit does not know whether they are there: it is asked. One that
  /// somebody changed meanwhile is his.
  private func takeBack(_ rows: some RowStore) throws(JournalError) {
    guard try rows.isThere() else { return }
    var present: [RowChange] = []
    for change in changes where try rows.state(of: change) == .present { present.append(change.inverse) }
    try rows.apply(present.reversed())
  }

  /// Takes back the file operations that were done, and what the one behind them did before it failed.
  ///
  /// A file that somebody went on in meanwhile is his, and so is what the journal holds of it.
  private mutating func takeBack(_ done: Int) throws(JournalError) {
    let executor = Executor(folder: folder)
    let begun = operations.filter(\.isOfFile).prefix(done + 1)
    var kept: FilePath?
    for (index, operation) in begun.enumerated().reversed() {
      switch try executor.effect(of: operation) {
      case .partial, .present: try executor.revert(operation)
      // A line that was dropped and stands there again stood there twice.
      case .absent: if index < done, case .dropLine = operation { try executor.revert(operation) }
      // What failed because of it was not begun.
      case .continued, .foreign: if index < done { kept = operation.path }
      }
    }
    // Recovery knows what else is to stay with it.
    if let kept { throw .conflict(kept) }
    try? journal.discardContents(of: operations, in: transaction.id)
    _ = try reach(.abandoned)
  }
}
