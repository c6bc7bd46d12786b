import CanonicalJSON
import Journal
import Rollout

extension Report {
  /// The answer of `log`.
  public static func log(
    _ lineages: [LineageLog.Lineage], homeWarnings: [HomeWarning] = [], home: String
  ) -> JSONValue {
    var report = head("log", home: home)
    report["lineages"] = .array(
      lineages.map { lineage in
        [
          "lineage_key": text(lineage.key?.description), "threads": .array(lineage.threads.map(thread)),
        ]
      })
    report["home_warnings"] = warnings(homeWarnings)
    return report
  }

  private static func thread(_ thread: LineageLog.Thread) -> JSONValue {
    [
      "thread_id": .string(thread.id.text), "title": .string(thread.title), "cwd": text(thread.cwd),
      "archived": .bool(thread.isArchived), "fork": .bool(thread.isFork),
      "updated_at": .string(thread.updated.text), "history": .integer(Int64(thread.history)),
      "turns": thread.turns.map { .integer(Int64($0)) } ?? .null, "parent": text(thread.parent?.text),
      "common": .integer(Int64(thread.common)),
      "deliveries": .array(
        thread.deliveries.map { delivery in
          [
            "transaction_id": .string(delivery.transaction.id),
            "created_at": .string(delivery.transaction.createdAt),
            "status": .string(delivery.transaction.status.rawValue), "action": .string(delivery.action),
            "origin": text(delivery.transaction.details["package"]?["origin"]?.string),
            "session_id": .string(delivery.session.text), "records_written": .integer(delivery.records),
            "undoing": undoing(delivery.fate),
          ]
        }),
    ]
  }
}
