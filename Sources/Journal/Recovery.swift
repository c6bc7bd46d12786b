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
  }

  private let journal: Journal
  private let rows: any RowStore

  /// Looks at a journal and the catalogue it wrote to.
  public init(journal: Journal, rows: any RowStore) {
    self.journal = journal
    self.rows = rows
  }

  /// The transactions that a crash left open, newest first.
  public static func open(in journal: Journal) throws(JournalError) -> [Transaction] {
    try journal.transactions().filter { $0.status == .prepared || $0.status == .applied }
  }

  /// Settles every open transaction, newest first, and removes folders that never became one.
  public func run() throws(JournalError) -> [(transaction: Transaction, outcome: Outcome)] {
    for name in try journal.unbegun() {
      try withFiles { () throws(FileError) in try Folder.removeTree(journal.folder(of: name)) }
    }
    var settled: [(transaction: Transaction, outcome: Outcome)] = []
    for var transaction in try Self.open(in: journal) {
      let outcome = try settle(transaction)
      transaction.status = outcome == .completed ? .committed : .abandoned
      try journal.record(transaction)
      settled.append((transaction, outcome))
    }
    return settled
  }

  private func settle(_ transaction: Transaction) throws(JournalError) -> Outcome {
    let folder = journal.folder(of: transaction.id)
    let operations = try journal.operations(of: transaction.id)
    let executor = Executor(folder: folder)
    var effects: [(Operation, Effect)] = []
    for operation in operations {
      if case .row(let change) = operation {
        effects.append((operation, try rows.state(of: change)))
      } else {
        effects.append((operation, try executor.effect(of: operation)))
      }
    }
    if effects.allSatisfy({ $0.1 == .present }) {
      for case .forgetDerived(let rollout) in operations { try rows.forgetDerived(rollout: rollout) }
      try Self.discardContents(of: operations, in: folder, keeping: Self.keptContents(of: operations))
      return .completed
    }
    let changes = effects.compactMap { operation, effect -> RowChange? in
      if case .row(let change) = operation, effect == .present { change.inverse } else { nil }
    }
    try rows.apply(changes.reversed())
    for (operation, effect) in effects.reversed() where effect == .present || effect == .partial {
      if case .row = operation { continue }
      try executor.revert(operation)
    }
    for case .forgetDerived(let rollout) in operations { try rows.forgetDerived(rollout: rollout) }
    if effects.contains(where: { $0.1 == .continued }) { return .kept }
    try Self.discardContents(of: operations, in: folder, keeping: [])
    return .undone
  }

  /// The content files that a later rollback of the transaction needs.
  static func keptContents(of operations: [Operation]) -> Set<String> {
    Set(
      operations.compactMap { operation in
        switch operation {
        case .takeFile(_, let content): content.name
        case .cut(_, let extent): extent.content.name
        default: nil
        }
      })
  }

  static func discardContents(
    of operations: [Operation], in folder: FilePath, keeping: Set<String>
  ) throws(JournalError) {
    for operation in operations {
      let name: String? =
        switch operation {
        case .placeFile(_, let content), .takeFile(_, let content): content.name
        case .append(_, let extent), .cut(_, let extent): extent.content.name
        default: nil
        }
      guard let name, !keeping.contains(name) else { continue }
      try withFiles { () throws(FileError) in try DurableFile.remove(folder.appending(name)) }
    }
  }
}
