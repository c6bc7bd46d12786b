import DurableFiles
import Journal
import Rollout
import SystemPackage

/// The transactions that can only be undone together: one, and those that were built upon it.
struct RollbackChain {
  /// A transaction, and what it did as far as that was not undone yet.
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
    let standing = StandingOperations(journal)
    let operations = try standing.of(chosen)
    var links = [Link(transaction: chosen, operations: operations)]
    var touched = Touched(operations)
    for other in all.reversed() where other.id > chosen.id && other.stands {
      let operations = try standing.of(other)
      let also = Touched(operations)
      if !touched.meets(also) { continue }
      if try Self.isAsIfNeitherHadBeen(other, since: chosen, touched, in: journal) { continue }
      touched.formUnion(also)
      links.append(Link(transaction: other, operations: operations))
    }
    self.links = links
  }

  /// Whether a transaction undid, of all that is concerned here, only what was done since.
  private static func isAsIfNeitherHadBeen(
    _ other: Transaction, since chosen: Transaction, _ touched: Touched, in journal: Journal
  ) throws(JournalError) -> Bool {
    if other.undoes.isEmpty { return false }
    for earlier in other.undoes where earlier < chosen.id {
      if touched.meets(Touched(try journal.operations(of: earlier))) { return false }
    }
    return true
  }

  /// All that was done, in order.
  var deeds: [Deed] {
    links.flatMap { link in link.operations.map { Deed(operation: $0, transaction: link.transaction.id) } }
  }

  var operations: [Operation] { links.flatMap(\.operations) }

  /// Threads of which a file was taken away, and comes back.
  var takenThreads: Set<ThreadID> {
    Set(
      operations.compactMap { operation in
        if case .takeFile(let path, _) = operation { path.rolloutName?.thread } else { nil }
      })
  }

  /// Threads whose file was put in place where their row was there already: it had been lost.
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

  /// The threads whose files or rows are concerned.
  var threads: [ThreadID] {
    links.reduce(into: Set(RollbackPlanner.threads(of: operations))) { threads, link in
      threads.formUnion(link.mended)
    }.sorted()
  }
}

extension RollbackChain.Link {
  /// Threads whose row was changed and whose files were not: what adopting does.
  var mended: Set<ThreadID> { RollbackChain.Touched(operations).mended }
}

extension RollbackChain {
  /// What a transaction wrote to, as far as another one can be built upon it.
  fileprivate struct Touched {
    private var files: Set<String>
    private var threads: Set<ThreadID>
    private(set) var mended: Set<ThreadID>

    init(_ operations: [Operation]) {
      files = Set(operations.compactMap(\.file))
      let written = Set(
        operations.compactMap { operation in
          operation.file.flatMap { _ in operation.path?.rolloutName?.thread }
        })
      let rows = operations.compactMap { operation -> ThreadID? in
        guard case .row(let change) = operation, change.table == "threads" else { return nil }
        return RollbackPlanner.thread(of: operation)
      }
      threads = written.union(rows)
      mended = Set(rows).subtracting(written)
    }

    /// Whether both wrote to one file, or one mended the row of a thread that the other one touched.
    func meets(_ other: Touched) -> Bool {
      !files.isDisjoint(with: other.files) || !mended.isDisjoint(with: other.threads)
        || !threads.isDisjoint(with: other.mended)
    }

    mutating func formUnion(_ other: Touched) {
      files.formUnion(other.files)
      threads.formUnion(other.threads)
      mended.formUnion(other.mended)
    }
  }
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
