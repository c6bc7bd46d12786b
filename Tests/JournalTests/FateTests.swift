import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

/// What became of a transaction's threads, told from the manifests alone.
struct FateTests {
  private func transaction(_ id: String, undoes: [String] = [], _ details: JSONValue) -> Transaction {
    var transaction = Transaction(
      id: id, createdAt: "", command: undoes.isEmpty ? "sync" : "rollback", planDigest: nil, details: details,
      undoes: undoes)
    transaction.status = .committed
    return transaction
  }

  private func delivery(_ id: String, _ threads: String...) -> Transaction {
    transaction(id, ["sessions": .array(threads.map { ["local_thread_id": .string($0)] })])
  }

  /// An undoing of a version that noted each thread.
  private func undoing(_ id: String, of target: String, _ threads: (String, reason: String?)...)
    -> Transaction
  {
    let notes = threads.map {
      Transaction.Undoing(thread: $0.0, title: nil, transactions: [target], reason: $0.reason).json
    }
    return transaction(id, undoes: [target], ["threads": .array(notes)])
  }

  /// An undoing of a version that noted only what it left.
  private func olderUndoing(_ id: String, of target: String, leaving threads: String...) -> Transaction {
    transaction(
      id, undoes: [target],
      ["kept": .array(threads.map { ["thread_id": .string($0), "reason": "continued"] })])
  }

  private func statuses(_ transactions: Transaction...) throws -> [Transaction.Status] {
    try read(transactions).map(\.status)
  }

  private func read(_ transactions: [Transaction]) throws -> [Transaction] {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      for transaction in transactions {
        _ = try journal.begin(transaction)
        try journal.record(transaction)
      }
      return try journal.transactions().reversed()
    }
  }

  @Test func anUndoingThatLeftAThreadIsPartOfOne() throws {
    let delivery = delivery("1", "a", "b")
    #expect(
      try statuses(delivery, undoing("2", of: "1", ("a", nil), ("b", "continued")))
        == [.partlyRolledBack, .committed])
    #expect(
      try statuses(delivery, olderUndoing("2", of: "1", leaving: "b")) == [.partlyRolledBack, .committed])
    #expect(try statuses(delivery, olderUndoing("2", of: "1")) == [.rolledBack, .committed])
  }

  @Test func theRestIsUndoneByASecondUndoing() throws {
    let all = try read([
      delivery("1", "a", "b"), olderUndoing("2", of: "1", leaving: "b"), undoing("3", of: "1", ("b", nil)),
    ])
    #expect(all.map(\.status) == [.rolledBack, .committed, .committed])
    #expect(all[0].fate(of: "a") == .init(transaction: "2", reason: nil))
    #expect(all[0].fate(of: "b") == .init(transaction: "3", reason: nil))
  }

  @Test func whatAnUndoingTookAwayStandsWhereTheUndoingIsUndone() throws {
    let (delivery, first) = (delivery("1", "a", "b"), undoing("2", of: "1", ("a", nil), ("b", "continued")))
    let (second, third) = (undoing("3", of: "1", ("b", nil)), undoing("4", of: "2", ("a", nil)))
    let all = try read([delivery, first, second, third])
    #expect(all.map(\.status) == [.partlyRolledBack, .rolledBack, .committed, .committed])
    #expect(all[0].fate(of: "a") == nil && all[0].fate(of: "b")?.isUndone == true)
  }

  @Test func anUndoingThatIsUndoneInPartStillUndoesTheRest() throws {
    let all = try read([
      delivery("1", "a", "b"), undoing("2", of: "1", ("a", nil), ("b", nil)),
      undoing("3", of: "2", ("a", nil), ("b", "changed")),
    ])
    #expect(all.map(\.status) == [.partlyRolledBack, .partlyRolledBack, .committed])
    #expect(all[0].fate(of: "a") == nil && all[0].fate(of: "b")?.transaction == "2")
  }

  @Test func whatIsOfNoThreadIsUndoneAsAWhole() throws {
    #expect(
      try statuses(transaction("1", [:]), undoing("2", of: "1")) == [.rolledBack, .committed])
  }
}
