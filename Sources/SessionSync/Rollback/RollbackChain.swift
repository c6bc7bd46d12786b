import DurableFiles
import Journal
import Rollout
import SystemPackage

/// The transactions that can only be undone together: one, and those that wrote to the same files later.
struct RollbackChain {
  /// A transaction and what it did.
  struct Link {
    let transaction: Transaction
    let operations: [Operation]
  }

  /// One operation, and the transaction in whose folder its content is.
  struct Deed {
    let operation: Operation
    let transaction: String
  }

  /// Oldest first; the chosen one is the first.
  let links: [Link]

  /// Finds out what goes along.
  ///
  /// A transaction that was undone and the one that undid it are as if neither had been.
  ///
  /// - Parameter all: the journal's transactions, newest first.
  init(_ chosen: Transaction, among all: [Transaction], in journal: Journal) throws(JournalError) {
    var links = [Link(transaction: chosen, operations: try journal.operations(of: chosen.id))]
    var files = Set(links[0].operations.compactMap(\.file))
    for other in all.reversed() where other.id > chosen.id && other.status == .committed {
      if !other.undoes.isEmpty, other.undoes.allSatisfy({ $0 >= chosen.id }) { continue }
      let operations = try journal.operations(of: other.id)
      let touched = Set(operations.compactMap(\.file))
      if files.isDisjoint(with: touched) { continue }
      files.formUnion(touched)
      links.append(Link(transaction: other, operations: operations))
    }
    self.links = links
  }

  /// All that was done, in order.
  var deeds: [Deed] {
    links.flatMap { link in link.operations.map { Deed(operation: $0, transaction: link.transaction.id) } }
  }

  var operations: [Operation] { links.flatMap(\.operations) }

  /// Threads whose file was written under a row that was there: it had been lost.
  var threadsWithOlderRows: Set<ThreadID> {
    links.reduce(into: []) { threads, link in
      let placed = Set(
        link.operations.compactMap { operation in
          if case .placeFile(let path, _) = operation { path.rolloutName?.thread } else { nil }
        })
      for case .row(let change) in link.operations where change.before != nil {
        if let thread = RollbackPlanner.thread(of: .row(change)), placed.contains(thread) {
          threads.insert(thread)
        }
      }
    }
  }

  /// The threads whose files are concerned.
  var threads: [ThreadID] { RollbackPlanner.threads(of: operations) }
}

extension Operation {
  /// The file that is changed, by what it keeps wherever Codex moves it: its rollout's id, else its path.
  fileprivate var file: String? {
    switch self {
    case .placeFile(let path, _), .takeFile(let path, _), .append(let path, _), .cut(let path, _),
      .moveFile(_, to: let path):
      path.rolloutName?.rolloutID.text ?? path.string
    case .makeFolder, .removeFolder, .addLine, .dropLine, .row, .forgetDerived: nil
    }
  }
}
