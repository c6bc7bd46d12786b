import CanonicalJSON
import Rollout
import SystemPackage

/// A transcript and what a catalogue says of it, for a home or for a package.
public struct ThreadSample: Sendable {
  /// The conversation.
  public var transcript: TranscriptBuilder
  /// What the user saw first of it.
  public var preview: String
  /// Columns that differ from what Codex would write; `.null` for those that are to be NULL.
  public var columns: [(String, JSONValue)]
  /// Whether the thread is archived.
  public var isArchived: Bool

  /// Creates a thread.
  public init(
    _ transcript: TranscriptBuilder, preview: String = "one", isArchived: Bool = false,
    columns: [(String, JSONValue)] = []
  ) {
    self.transcript = transcript
    self.preview = preview
    self.isArchived = isArchived
    self.columns = columns
  }

  /// Unix seconds of the conversation's last record.
  public var updated: Int64 { 1_795_168_800 + Int64(transcript.seconds) - 1 }
  /// Unix seconds of its first.
  public var created: Int64 { 1_795_168_800 + Int64(transcript.begun) }

  /// The row of `threads` as Codex 0.163.0 writes it for a rollout at `path`.
  public func row(path: String) -> JSONValue {
    let isPaginated = transcript.format == .paginated
    var row: JSONValue = [
      "id": .string(transcript.thread.text), "rollout_path": .string(path), "created_at": .integer(created),
      "updated_at": .integer(updated), "source": "vscode", "model_provider": "openai",
      "cwd": .string(transcript.cwd), "title": .string(preview),
    ]
    row["sandbox_policy"] = .string(#"{"type":"danger-full-access"}"#)
    row["approval_mode"] = "never"
    row["tokens_used"] = 120
    row["has_user_event"] = 0
    row["archived"] = isArchived ? 1 : 0
    row["archived_at"] = isArchived ? .integer(updated) : .null
    row["cli_version"] = isPaginated ? "0.163.0" : "0.133.0"
    row["first_user_message"] = .string(preview)
    row["memory_mode"] = "enabled"
    row["model"] = "gpt-5"
    row["created_at_ms"] = .integer(created * 1000)
    row["updated_at_ms"] = .integer(updated * 1000)
    row["preview"] = .string(preview)
    row["recency_at"] = .integer(updated)
    row["recency_at_ms"] = .integer(updated * 1000)
    row["history_mode"] = .string(transcript.format.rawValue)
    for (column, value) in columns { row[column] = value }
    return row
  }
}

extension Sample {
  /// A conversation of whole turns, one for each text; each thread begins at a time of its own, as real ones do.
  public static func talk(
    _ questions: String..., thread: ThreadID = Sample.thread(1), format: SessionMeta.Format = .paginated,
    cwd: String = "/home/alice/project", extra: [(String, JSONValue)] = []
  ) -> TranscriptBuilder {
    let number = Int(thread.text.suffix(2), radix: 16) ?? 1
    var transcript = TranscriptBuilder(
      thread, format: format, cwd: cwd, seconds: (number - 1) * 100, extra: extra)
    for question in questions { transcript.turn(question) }
    return transcript
  }
}

extension TranscriptBuilder {
  /// The same conversation and more turns.
  public func and(_ questions: String...) -> TranscriptBuilder {
    var more = self
    for question in questions { more.turn(question) }
    return more
  }
}
