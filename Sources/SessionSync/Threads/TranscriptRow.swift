import CanonicalJSON
import Rollout

/// The catalogue's columns as far as a transcript tells them, for a thread that has no row.
enum TranscriptRow {
  static func columns(of transcript: Transcript) -> JSONValue {
    let meta = transcript.head.meta
    let facts = transcript.facts
    let created = Timestamp(meta.timestamp ?? "")?.milliseconds ?? 0
    let updated = max(created, facts.lastTimestamp.flatMap { Timestamp($0) }?.milliseconds ?? 0)
    var row: JSONValue = [
      "created_at": .integer(created / 1000), "created_at_ms": .integer(created),
      "updated_at": .integer(updated / 1000), "updated_at_ms": .integer(updated),
      "tokens_used": .integer(facts.tokensUsed ?? 0), "memory_mode": .string(facts.memoryMode ?? "enabled"),
    ]
    row["model_provider"] = text(meta.payload["model_provider"])
    row["source"] = text(meta.payload["source"]) ?? "unknown"
    row["thread_source"] = text(meta.payload["thread_source"])
    row["originator"] = text(meta.payload["originator"])
    row["cli_version"] = text(meta.payload["cli_version"])
    row["model"] = facts.settings?["model"] ?? facts.turnContext?["model"]
    for key in ["agent_nickname", "agent_role", "agent_path"] { row[key] = text(meta.payload[key]) }
    let git = meta.payload["git"]
    row["git_sha"] = text(git?["commit_hash"])
    row["git_branch"] = text(git?["branch"])
    row["git_origin_url"] = text(git?["repository_url"])
    return row
  }

  /// Codex keeps a structured `source` as JSON text.
  private static func text(_ value: JSONValue?) -> JSONValue? {
    switch value {
    case nil, .null?: nil
    case .string?: value
    case let other?: .string(String(decoding: other.bytes, as: UTF8.self))
    }
  }
}
