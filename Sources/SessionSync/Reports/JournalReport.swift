import CanonicalJSON
import Journal
import Rollout
import SystemPackage

extension Report {
  /// The answer of `list-transactions`: each with the bytes that it keeps.
  ///
  /// - Parameters:
  ///   - transactions: the transactions, each with the bytes that it keeps.
  ///   - home: the Codex home.
  ///   - isBrief: whether `details` are left empty: they grow with the sessions of a delivery.
  public static func transactions(
    _ transactions: [(transaction: Transaction, kept: Int64)], home: String, isBrief: Bool = false
  ) -> JSONValue {
    var report = head("list-transactions", home: home)
    report["transactions"] = .array(
      transactions.map {
        var listed = transaction($0.transaction, $0.kept)
        if isBrief { listed["details"] = [:] }
        return listed
      })
    return report
  }

  /// The answer of `gc`.
  public static func forgetting(_ plan: ForgettingPlan, home: String, executed: Bool) -> JSONValue {
    var report = head("gc", home: home)
    report["status"] = .string(
      plan.transactions.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["transactions"] = .array(
      plan.transactions.map {
        [
          "transaction_id": .string($0.transaction.id), "created_at": .string($0.transaction.createdAt),
          "command": .string($0.transaction.command), "summary": summary($0.transaction),
          "kept_bytes": .integer($0.kept),
        ]
      })
    report["bytes"] = .integer(plan.bytes)
    return report
  }

  /// The answer of `show-transaction`.
  public static func transaction(
    _ shown: (transaction: Transaction, operations: [Operation], kept: Int64), home: String
  ) -> JSONValue {
    var report = head("show-transaction", home: home)
    report["transaction"] = transaction(shown.transaction, shown.kept)
    report["threads"] = .array(shown.transaction.threadFates.map(threadFate))
    report["operations"] = .array(shown.operations.map(\.json))
    return report
  }

  /// The answer of `rollback`.
  public static func rollback(
    _ plan: RollbackPlan, home: String, transaction: String?, executed: Bool
  ) -> JSONValue {
    var report = head("rollback", home: home)
    report["status"] = .string(plan.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["rolled_back"] = text(plan.chosen?.id)
    report["transactions"] = .array(plan.transactions.map { .string($0.id) })
    report["targets"] = .array(plan.transactions.map(target))
    report["transaction_id"] = text(transaction)
    report["threads"] = .array(plan.threads.map { threadChange($0, of: plan) })
    report["operations"] = .array(
      plan.effects.map {
        [
          "operation": .string($0.operation), "path": text($0.path), "row": text($0.row),
          "action": .string($0.action.rawValue), "reason": text($0.reason),
        ]
      })
    report["home_warnings"] = warnings(plan.homeWarnings)
    report["branches"] = .array(
      plan.branches.map {
        [
          "thread_id": .string($0.threadID.text), "branch_id": text($0.localThreadID?.text),
          "title": .string($0.title), "records_written": .integer(Int64($0.size.records)),
        ]
      })
    report["kept"] = .array(
      plan.kept.map {
        [
          "thread_id": .string($0.thread.text), "path": .string($0.path.string),
          "reason": .string($0.reason.text), "can_become_branch": .bool($0.canBecomeBranch),
        ]
      })
    return report
  }

  /// Which transaction an undoing is about.
  private static func target(_ transaction: Transaction) -> JSONValue {
    [
      "transaction_id": .string(transaction.id), "created_at": .string(transaction.createdAt),
      "command": .string(transaction.command),
      "package": text(transaction.details["package"]?["path"]?.string),
      "status": .string(transaction.status.rawValue),
    ]
  }

  private static func threadChange(_ change: RollbackPlan.ThreadChange, of plan: RollbackPlan) -> JSONValue {
    let branch = plan.branches.first { $0.threadID == change.thread }?.localThreadID
    return [
      "thread_id": .string(change.thread.text), "title": text(change.title),
      "effect": .string(change.effect.rawValue), "reason": text(change.reason?.text),
      "branch_id": text(branch?.text), "transactions": .array(change.transactions.map(JSONValue.string)),
    ]
  }

  /// The answer of `recover`.
  public static func recovery(
    _ settled: [(transaction: Transaction, outcome: Recovery.Outcome)], home: String
  ) -> JSONValue {
    var report = head("recover", home: home)
    report["status"] = settled.isEmpty ? "nothing_to_do" : "committed"
    report["transactions"] = .array(
      settled.map { ["transaction_id": .string($0.transaction.id), "outcome": .string($0.outcome.rawValue)] })
    return report
  }

  private static func transaction(_ transaction: Transaction, _ kept: Int64) -> JSONValue {
    [
      "transaction_id": .string(transaction.id), "status": .string(transaction.status.rawValue),
      "created_at": .string(transaction.createdAt), "command": .string(transaction.command),
      "plan_digest": text(transaction.planDigest), "undoes": .array(transaction.undoes.map(JSONValue.string)),
      "undone_by": text(transaction.undoneBy), "summary": summary(transaction), "kept_bytes": .integer(kept),
      "forgotten": .bool(transaction.isForgotten), "details": transaction.details,
    ]
  }

  /// How many threads it did what to, and what became of them.
  private static func summary(_ transaction: Transaction) -> JSONValue {
    let threads = transaction.threadFates
    let undone = threads.count { $0.fate?.isUndone == true }
    let left = threads.count { $0.fate?.isUndone == false }
    var counts: JSONValue = ["threads": .integer(Int64(threads.count))]
    for action in ["import", "append", "branch", "adopt", "undo"] {
      counts[action] = .integer(Int64(threads.count { $0.action == action }))
    }
    counts["undone"] = .integer(Int64(undone))
    counts["kept"] = .integer(Int64(left))
    return counts
  }

  private static func threadFate(_ thread: Transaction.ThreadFate) -> JSONValue {
    [
      "thread_id": .string(thread.thread), "title": text(thread.title), "action": .string(thread.action),
      "undoing": undoing(thread.fate),
    ]
  }

  /// What a later undoing did; null where none met it.
  static func undoing(_ fate: Transaction.Fate?) -> JSONValue {
    guard let fate else { return .null }
    return [
      "transaction_id": .string(fate.transaction), "undone": .bool(fate.isUndone),
      "reason": text(fate.reason),
    ]
  }
}
