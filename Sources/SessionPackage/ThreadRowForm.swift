import CanonicalJSON

/// The form in which a row of `threads` travels, so that the transfer tool can install it.
///
/// It reads 25 columns, most of which it declares NOT NULL; indexes `cwd`, `rollout_path` and
/// `sandbox_policy` without asking; and wants the policy to be the text of a JSON object.
enum ThreadRowForm {
  /// Its columns in its order, with what a missing value becomes.
  private static let columns: [(name: String, missing: JSONValue)] = [
    ("id", ""), ("rollout_path", ""), ("created_at", 0), ("updated_at", 0), ("source", "cli"),
    ("model_provider", "openai"), ("cwd", ""), ("title", ""), ("sandbox_policy", .string(policy)),
    ("approval_mode", "on-request"), ("tokens_used", 0), ("has_user_event", 0), ("archived", 0),
    ("archived_at", nil), ("git_sha", nil), ("git_branch", nil), ("git_origin_url", nil), ("cli_version", ""),
    ("first_user_message", ""), ("agent_nickname", nil), ("agent_role", nil), ("memory_mode", "enabled"),
    ("model", nil), ("reasoning_effort", nil), ("agent_path", nil),
  ]

  /// The policy of a row that says none, or one that is no JSON object: the safest.
  private static let policy = #"{"type":"read-only"}"#

  /// The 25 columns first, then what else the row has.
  static func completed(_ row: JSONValue) -> JSONValue {
    var result = JSONValue.object([])
    for column in columns {
      let value = row[column.name] ?? .null
      result[column.name] = value == .null ? column.missing : value
    }
    for member in row.members ?? [] { result[member.key] = result[member.key] ?? member.value }
    let text = result["sandbox_policy"]?.string ?? ""
    if (try? JSONValue(parsing: Array(text.utf8)))?.members == nil {
      result["sandbox_policy"] = .string(policy)
    }
    return result
  }
}
