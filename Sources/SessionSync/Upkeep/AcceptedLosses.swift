import CanonicalJSON
import Journal
import Rollout

/// What transactions wrote, is gone, and was accepted as gone by `rebuild-sidecar`: the journal remembers it.
struct AcceptedLosses {
  /// One thread that a transaction wrote to.
  struct Loss: Hashable {
    let transaction: String
    let thread: ThreadID

    var json: JSONValue {
      ["transaction_id": .string(transaction), "thread_id": .string(thread.text)]
    }
  }

  private let losses: Set<Loss>

  /// - Parameter transactions: committed ones.
  init(_ transactions: [Transaction]) {
    losses = Set(
      transactions.flatMap { $0.details["accepted"]?.array ?? [] }.compactMap { loss in
        guard let transaction = loss["transaction_id"]?.string,
          let thread = loss["thread_id"]?.string.flatMap(ThreadID.init)
        else { return nil }
        return Loss(transaction: transaction, thread: thread)
      })
  }

  func contains(_ thread: ThreadID, of transaction: String) -> Bool {
    losses.contains(Loss(transaction: transaction, thread: thread))
  }

  /// What is gone and not accepted yet.
  static func open(_ replayed: [TransactionReplay.Replayed]) -> [Loss] {
    let known = AcceptedLosses(replayed.map(\.transaction))
    return replayed.flatMap { one in
      one.lost.filter { !known.contains($0, of: one.transaction.id) }
        .map { Loss(transaction: one.transaction.id, thread: $0) }
    }
  }
}
