import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Undoes one transaction, and nothing that came after it.
public struct Rollback {
  /// Which transaction.
  public enum Choice: Sendable, Hashable {
    /// The newest that is not undone and is no rollback itself.
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

  private let home: CodexHome
  private let surroundings: Surroundings
  private var workplace: Workplace { Workplace(home: home) }

  /// Prepares a rollback.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// Says what undoing a transaction would do.
  ///
  /// Writes nothing.
  public func plan(_ choice: Choice) throws(SyncError) -> RollbackPlan {
    try workplace.requireSettled()
    return try makePlan(choice)
  }

  /// Undoes a transaction.
  public func execute(_ choice: Choice) throws(SyncError) -> Result {
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover()
    let plan = try makePlan(choice)
    if plan.isEmpty { return Result(plan: plan, transaction: nil) }
    let locks = try ThreadLocks(home, RollbackPlanner.threads(of: operations(of: plan.transaction.id)))
    defer { _ = locks }
    let transaction = try carryOut(plan)
    do throws(SyncError) {
      try Noting(home: home, surroundings: surroundings).run()
      return Result(plan: plan, transaction: transaction)
    } catch {
      return Result(plan: plan, transaction: transaction, sidecarProblem: error)
    }
  }

  private func makePlan(_ choice: Choice) throws(SyncError) -> RollbackPlan {
    let journal = workplace.journal
    let all = try lift(SyncError.journal) { () throws(JournalError) in try journal.transactions() }
    let transaction: Transaction
    switch choice {
    case .latest:
      guard let newest = all.first(where: { $0.status == .committed && $0.undoes == nil }) else {
        throw .nothingToUndo
      }
      transaction = newest
    case .id(let id):
      guard let found = all.first(where: { $0.id == id }) else { throw .journal(.unknownTransaction(id)) }
      guard found.status == .committed else { throw .notUndoable(id, found.status) }
      transaction = found
    }
    try refuseLater(all, than: transaction)
    try refuseBusy(transaction)
    return try RollbackPlanner(home: home, journal: journal, transaction: transaction).plan()
  }

  /// Later transactions that wrote to the same files have to go first.
  ///
  /// One that was undone and the one that undid it are as if neither had been.
  private func refuseLater(_ all: [Transaction], than transaction: Transaction) throws(SyncError) {
    let own = Set(try operations(of: transaction.id).filter(\.isFileChange).compactMap(\.path))
    var later: [String] = []
    for other in all where other.id > transaction.id && other.status == .committed {
      if let undone = other.undoes, undone >= transaction.id { continue }
      let paths = try operations(of: other.id).filter(\.isFileChange).compactMap(\.path)
      if !own.isDisjoint(with: paths) { later.append(other.id) }
    }
    if !later.isEmpty { throw .laterTransactions(later) }
  }

  private func refuseBusy(_ transaction: Transaction) throws(SyncError) {
    let threads = RollbackPlanner.threads(of: try operations(of: transaction.id))
    let database = try lift(SyncError.home) { () throws(CodexHomeError) in try home.stateDatabase() }
    if let database, !RunningCodex.lockless(holding: database.path, processes: home.processes).isEmpty {
      throw .busy(threads)
    }
    let locks = WriterLocks(home)
    var busy: [ThreadID] = []
    for thread in threads {
      if try lift(SyncError.home, { () throws(CodexHomeError) in try locks.isHeld(thread) }) {
        busy.append(thread)
      }
    }
    if !busy.isEmpty { throw .busy(busy) }
  }

  private func operations(of id: String) throws(SyncError) -> [Operation] {
    let journal = workplace.journal
    return try lift(SyncError.journal) { () throws(JournalError) in try journal.operations(of: id) }
  }

  private func carryOut(_ plan: RollbackPlan) throws(SyncError) -> String {
    let journal = workplace.journal
    let id = try workplace.nextTransactionID(surroundings)
    let details: JSONValue = [
      "kept": .array(
        plan.kept.map {
          [
            "thread_id": .string($0.thread.text), "path": .string($0.path.string),
            "reason": .string($0.reason.text),
          ]
        })
    ]
    let transaction = Transaction(
      id: id, createdAt: surroundings.now.text, command: "rollback", planDigest: nil, details: details,
      undoes: plan.transaction.id)
    var pending: PendingTransaction
    do throws(JournalError) { pending = try journal.begin(transaction) } catch { throw .journal(error) }
    do throws(SyncError) {
      for step in plan.steps { try stage(step, of: plan.transaction.id, &pending) }
    } catch {
      pending.abandon()
      throw error
    }
    do throws(JournalError) { try pending.run(CatalogueRows(home: home)) } catch { throw .journal(error) }
    return id
  }

  private func stage(
    _ step: RollbackPlan.Step, of undone: String, _ pending: inout PendingTransaction
  ) throws(SyncError) {
    let folder = workplace.journal.folder(of: undone)
    switch step {
    case .plain(let operation): pending.add(operation)
    case .take(let path, let now, let cutTo):
      let current = try stamp(now).size
      let size = cutTo?.size ?? current
      let measured = try lift(SyncError.file) { () throws(FileError) in
        try FileDigest.sha256(of: now, count: size)
      }
      guard let digest = cutTo?.sha256 ?? measured else { throw .rollout(.changed(now)) }
      pending.add(
        .takeFile(path, Operation.Content(name: pending.reserveName(), sha256: digest, size: size)))
      forget(path, &pending)
    case .cut(let path, let now, let extent):
      let modified = try stamp(now).modified
      let content = try copy(now, from: extent.start, modified: nil, &pending)
      pending.add(
        .cut(
          path,
          Operation.Extent(
            start: extent.start, content: content, modifiedWithout: extent.modifiedWithout,
            modifiedWith: modified)))
      forget(path, &pending)
    case .restore(let path, let content):
      let source = folder.appending(content.name)
      pending.add(.placeFile(path, try copy(source, from: 0, modified: stamp(source).modified, &pending)))
    case .append(let path, let extent):
      let content = try copy(folder.appending(extent.content.name), from: 0, modified: nil, &pending)
      pending.add(
        .append(
          path,
          Operation.Extent(
            start: extent.start, content: content, modifiedWithout: extent.modifiedWithout,
            modifiedWith: extent.modifiedWith)))
    }
  }

  private func forget(_ path: FilePath, _ pending: inout PendingTransaction) {
    guard let name = path.rolloutName else { return }
    pending.add(.forgetDerived(rollout: name.rolloutID.text))
  }

  private func stamp(_ path: FilePath) throws(SyncError) -> FileStamp {
    guard let stamp = try lift(SyncError.file, { () throws(FileError) in try FileStamp.of(path) }) else {
      throw .file(FileError(.stat, path, .noSuchFileOrDirectory))
    }
    return stamp
  }

  private func copy(
    _ path: FilePath, from start: Int64, modified: FileTime?, _ pending: inout PendingTransaction
  ) throws(SyncError) -> Operation.Content {
    var writer: ContentWriter
    do throws(JournalError) { writer = try pending.content() } catch { throw .journal(error) }
    do throws(FileError) {
      let file = try OpenFile(reading: path)
      try file.forEachChunk(from: start) { chunk throws(FileError) in try writer.write(chunk) }
      return try writer.finish(modified: modified)
    } catch {
      throw .file(error)
    }
  }
}

extension Operation {
  /// Whether the operation changes a file that another transaction may build upon.
  var isFileChange: Bool {
    switch self {
    case .placeFile, .takeFile, .append, .cut, .moveFile: true
    case .makeFolder, .removeFolder, .addLine, .dropLine, .row, .forgetDerived: false
    }
  }
}
