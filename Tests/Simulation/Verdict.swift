import CanonicalJSON
import Rollout
import SessionSync

/// What the program says of one session, in the words of its report.
struct Verdict: Equatable, CustomStringConvertible {
  let thread: ThreadID
  let target: ThreadID?
  let classification: String?
  let detail: String?
  let action: String
  let blockers: [String]
  let bytes: Int64?

  /// What a plan says.
  static func all(of plan: SyncPlan) throws -> [Verdict] {
    try all(in: Report.sync(plan, command: "sync", home: "", transaction: nil, executed: false))
  }

  /// A report's entries.
  static func all(in report: JSONValue) throws -> [Verdict] {
    try (report["sessions"]?.array ?? []).map { entry in
      guard let thread = entry["thread_id"]?.string.flatMap(ThreadID.init),
        let action = entry["action"]?.string
      else { throw Violation("a report without threads") }
      return Verdict(
        thread: thread, target: entry["local_thread_id"]?.string.flatMap(ThreadID.init),
        classification: entry["classification"]?.string, detail: entry["detail"]?.string, action: action,
        blockers: (entry["blockers"]?.array ?? []).compactMap { $0["code"]?.string },
        bytes: entry["bytes_written"]?.integer)
    }
  }

  /// Whether anything is written.
  var isWritten: Bool { action != "skip" && action != "blocked" }

  var description: String {
    ([classification ?? "unreadable", detail, action] + blockers).compactMap(\.self).joined(separator: " ")
  }
}
