import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SystemPackage

/// Makes the catalogue's entry for a thread that is written here, column by column as the table has them.
struct ThreadRow {
  /// Columns that mean something on the sender's machine only.
  private static let machineBound: Set = [
    "rollout_path", "project_id", "thread_section_id", "section_position", "section_entered_at_ms", "is_pinned",
    "creator_user_id", "creator_account_id",
  ]
  /// Columns that follow a conversation as it grows.
  private static let growing = [
    "tokens_used", "model", "reasoning_effort", "git_sha", "git_branch", "git_origin_url", "cli_version",
  ]

  let catalogue: StateSnapshot
  let transcript: Transcript
  /// The packed row, if there is one.
  let packed: JSONValue?
  let settings: ReceiverSettings
  let cwd: String

  /// The change that puts a new thread into the catalogue; completes a row whose file was lost.
  func insertion(id: ThreadID, path: FilePath, name: String?, isArchived: Bool) -> RowChange {
    var row = derived()
    for member in packed?.members ?? [] where !Self.machineBound.contains(member.key) && member.value != .null {
      row[member.key] = member.value
    }
    let meta = transcript.head.meta
    row["id"] = .string(id.text)
    row["rollout_path"] = .string(path.string)
    row["cwd"] = .string(cwd)
    row["history_mode"] = .string(meta.format.rawValue)
    row["archived"] = isArchived ? 1 : 0
    row["archived_at"] = isArchived ? packed?["archived_at"] ?? row["updated_at"] ?? .null : .null
    row["model_provider"] = .string(settings.modelProvider)
    row["approval_mode"] = .string(settings.approvalMode)
    row["sandbox_policy"] = .string(sandboxPolicy)
    setName(name, &row)
    for (text, fallback) in [("first_user_message", ""), ("title", ""), ("preview", "(no message)")]
    where row[text]?.string?.isEmpty ?? true {
      row[text] = .string(transcript.facts.preview ?? fallback)
    }
    for (seconds, milliseconds) in [("created_at", "created_at_ms"), ("updated_at", "updated_at_ms")] {
      row[milliseconds] = row[milliseconds] ?? row[seconds]?.integer.map { .integer($0 * 1000) }
    }
    if row["recency_at"]?.integer ?? 0 == 0 {
      row["recency_at"] = row["updated_at"]
      row["recency_at_ms"] = row["updated_at_ms"]
    }
    return change(id, to: fitting(row))
  }

  /// The change that a fast-forward makes to the row that is here; nil where there is none.
  ///
  /// - Parameter lastWritten: what this program wrote into the row before; a name or an archived state that is
  ///   another by now is the user's own and stays.
  func update(of row: JSONValue, id: ThreadID, path: FilePath, archive: Bool?, name: String?) -> RowChange? {
    var after = row
    let derived = derived()
    for column in Self.growing {
      if let value = packed?[column] ?? derived[column], value != .null { after[column] = value }
    }
    for (seconds, milliseconds) in [("updated_at", "updated_at_ms"), ("recency_at", "recency_at_ms")] {
      let incoming = packed?[milliseconds]?.integer ?? packed?[seconds]?.integer.map { $0 * 1000 }
        ?? derived["updated_at_ms"]?.integer ?? 0
      let local = row[milliseconds]?.integer ?? (row[seconds]?.integer ?? 0) * 1000
      guard incoming > local else { continue }
      after[seconds] = .integer(incoming / 1000)
      after[milliseconds] = .integer(incoming)
    }
    for column in ["preview", "first_user_message"] where row[column]?.string?.isEmpty ?? false {
      after[column] = .string(transcript.facts.preview ?? packed?[column]?.string ?? "")
    }
    after["approval_mode"] = .string(settings.approvalMode)
    after["sandbox_policy"] = .string(sandboxPolicy)
    after["cwd"] = .string(cwd)
    after["rollout_path"] = .string(path.string)
    if let archive {
      after["archived"] = archive ? 1 : 0
      after["archived_at"] = archive ? packed?["archived_at"] ?? after["updated_at"] ?? .null : .null
    }
    setName(name, &after)
    let change = change(id, to: fitting(after))
    return change.after?.members?.isEmpty ?? true ? nil : change
  }

  private func setName(_ name: String?, _ row: inout JSONValue) {
    guard let name else { return }
    if transcript.head.meta.format == .paginated, catalogue.threadColumns.contains("name") {
      row["name"] = .string(name)
    } else {
      row["title"] = .string(name)
    }
  }

  /// Before schema migration 36 Codex knew policies by name only (0.136.0).
  private var sandboxPolicy: String {
    catalogue.migration < 36 && catalogue.migration > 0 ? #"{"type":"read-only"}"# : settings.sandboxPolicy
  }

  /// What the transcript itself tells, for a session that came without a row.
  private func derived() -> JSONValue {
    let meta = transcript.head.meta
    let facts = transcript.facts
    let created = Timestamp(meta.timestamp ?? "")?.milliseconds ?? 0
    let updated = max(created, facts.lastTimestamp.flatMap { Timestamp($0) }?.milliseconds ?? 0)
    var row: JSONValue = [
      "created_at": .integer(created / 1000), "created_at_ms": .integer(created),
      "updated_at": .integer(updated / 1000), "updated_at_ms": .integer(updated),
      "tokens_used": .integer(facts.tokensUsed ?? 0), "memory_mode": "enabled",
    ]
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

  private func text(_ value: JSONValue?) -> JSONValue? {
    switch value {
    case nil, .null?: nil
    case .string?: value
    case let other?: .string(String(decoding: other.bytes, as: UTF8.self))
    }
  }

  /// Only the columns that the table has.
  private func fitting(_ row: JSONValue) -> JSONValue {
    .object((row.members ?? []).filter { catalogue.threadColumns.contains($0.key) })
  }

  private func change(_ id: ThreadID, to row: JSONValue) -> RowChange {
    let key: JSONValue = ["id": .string(id.text)]
    guard let old = catalogue.threads[id] else { return RowChange(table: "threads", key: key, before: nil, after: row) }
    let changed = (row.members ?? []).filter { old[$0.key] != $0.value }
    return RowChange(
      table: "threads", key: key, before: .object(changed.map { .init($0.key, old[$0.key] ?? .null) }),
      after: .object(changed))
  }
}
