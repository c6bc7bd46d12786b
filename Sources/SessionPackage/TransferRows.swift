import CanonicalJSON

/// The form in which rows travel, so that the transfer tool can install them.
///
/// It binds fixed columns, most of which its tables declare NOT NULL; indexes `cwd`, `rollout_path` and
/// `sandbox_policy` without asking; and wants the policy to be the text of a JSON object.
enum TransferRows {
  /// A column, and what a missing value becomes.
  private typealias Column = (name: String, missing: JSONValue)

  /// Its columns of `threads`, in its order.
  private static let threads: [Column] = [
    ("id", ""), ("rollout_path", ""), ("created_at", 0), ("updated_at", 0), ("source", "cli"),
    ("model_provider", "openai"), ("cwd", ""), ("title", ""), ("sandbox_policy", .string(policy)),
    ("approval_mode", "on-request"), ("tokens_used", 0), ("has_user_event", 0), ("archived", 0),
    ("archived_at", .null), ("git_sha", .null), ("git_branch", .null), ("git_origin_url", .null),
    ("cli_version", ""),
    ("first_user_message", ""), ("agent_nickname", .null), ("agent_role", .null), ("memory_mode", "enabled"),
    ("model", .null), ("reasoning_effort", .null), ("agent_path", .null),
  ]

  /// Its columns of `thread_dynamic_tools`, in its order.
  private static let dynamicTools: [Column] = [
    ("thread_id", ""), ("position", 0), ("name", ""), ("description", ""), ("input_schema", "{}"),
    ("defer_loading", 0),
  ]

  /// The policy of a row that says none, or one that is no JSON object: the safest.
  private static let policy = #"{"type":"read-only"}"#

  /// A row of `threads`: the tool's columns first, then what else the row has.
  static func thread(_ row: JSONValue) -> JSONValue {
    var result = completed(row, threads)
    let text = result["sandbox_policy"]?.string ?? ""
    if (try? JSONValue(parsing: Array(text.utf8)))?.members == nil {
      result["sandbox_policy"] = .string(policy)
    }
    return result
  }

  /// A row of `thread_dynamic_tools`: the tool's columns first, then what else the row has.
  static func dynamicTool(_ row: JSONValue) -> JSONValue { completed(row, dynamicTools) }

  /// The columns of a row of `threads` that only the tool needs: they say nothing of the thread.
  static func filled(_ row: JSONValue) -> [String] {
    threads.filter { (row[$0.name] ?? .null) == .null && $0.missing != .null }.map(\.name)
  }

  private static func completed(_ row: JSONValue, _ columns: [Column]) -> JSONValue {
    var result = JSONValue.object([])
    for column in columns {
      let value = row[column.name] ?? .null
      result[column.name] = value == .null ? column.missing : value
    }
    for member in row.members ?? [] { result[member.key] = result[member.key] ?? member.value }
    return result
  }
}
