import CanonicalJSON
import Journal
import Rollout
import SystemPackage

extension Report {
  /// The answer of `list-transactions`: each with the bytes that it keeps.
  public static func transactions(
    _ transactions: [(transaction: Transaction, kept: Int64)], home: String
  ) -> JSONValue {
    var report = head("list-transactions", home: home)
    report["transactions"] = .array(transactions.map { transaction($0.transaction, $0.kept) })
    return report
  }

  /// The answer of `gc`.
  public static func forgetting(_ plan: ForgettingPlan, home: String, executed: Bool) -> JSONValue {
    var report = head("gc", home: home)
    report["status"] = .string(
      plan.transactions.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["transactions"] = .array(
      plan.transactions.map {
        ["transaction_id": .string($0.transaction.id), "kept_bytes": .integer($0.kept)]
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
    report["operations"] = .array(shown.operations.map(\.json))
    return report
  }

  /// The answer of `rollback`.
  public static func rollback(
    _ plan: RollbackPlan, home: String, transaction: String?, executed: Bool
  ) -> JSONValue {
    var report = head("rollback", home: home)
    report["status"] = .string(plan.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["rolled_back"] = text(plan.transactions.last?.id)
    report["transactions"] = .array(plan.transactions.map { .string($0.id) })
    report["transaction_id"] = text(transaction)
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
          "reason": .string($0.reason.text),
        ]
      })
    return report
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
      "undone_by": text(transaction.undoneBy), "kept_bytes": .integer(kept),
      "forgotten": .bool(transaction.isForgotten), "details": transaction.details,
    ]
  }
}
