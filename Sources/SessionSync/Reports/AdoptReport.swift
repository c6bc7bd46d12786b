import CanonicalJSON
import Rollout

extension Report {
  /// The answer of `adopt`.
  public static func adopt(
    _ plan: Adopt.Plan, home: String, transaction: String?, executed: Bool
  ) -> JSONValue {
    var report = head("adopt", home: home)
    report["status"] = .string(plan.isEmpty ? "nothing_to_do" : executed ? "committed" : "dry_run")
    report["transaction_id"] = text(transaction)
    report["threads"] = .array(
      plan.adoptions.map { adoption in
        [
          "thread_id": .string(adoption.thread.text), "title": .string(adoption.title), "action": "adopt",
          "columns": adoption.columns, "blockers": [],
        ]
      }
        + plan.known.map { id in
          [
            "thread_id": .string(id.text), "title": .null, "action": "skip", "columns": .object([]),
            "blockers": [],
          ]
        }
        + plan.blocked.map { blocked in
          [
            "thread_id": .string(blocked.thread.text), "title": .null, "action": "blocked",
            "columns": .object([]), "blockers": [blocker(blocked.blocker)],
          ]
        })
    report["home_warnings"] = warnings(plan.homeWarnings)
    return report
  }
}
