import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout
import SystemPackage

/// Makes the catalogue's entry for a thread that is written here, column by column as the table has them.
struct ThreadRow {
  /// Columns that follow a conversation as it grows.
  private static let growing = [
    "tokens_used", "model", "reasoning_effort", "git_sha", "git_branch", "git_origin_url", "cli_version",
  ]

  /// What stands for the first message of a thread that has none: Codex lists no thread without.
  private static let noPreview = "(no message)"

  private let catalogue: StateSnapshot
  private let transcript: Transcript
  private let settings: ReceiverSettings
  private let cwd: String
  /// The packed row's values, as far as they travel and may stand here.
  private let packed: JSONValue
  /// The same, as the transcript tells them.
  private let derived: JSONValue

  init(
    catalogue: StateSnapshot, transcript: Transcript, packed: JSONValue?, settings: ReceiverSettings,
    cwd: String
  ) {
    self.catalogue = catalogue
    self.transcript = transcript
    self.settings = settings
    self.cwd = cwd
    func good(_ row: JSONValue?) -> JSONValue {
      .object((row?.members ?? []).compactMap { RowValue.good($0, catalogue.threadColumns[$0.key]) })
    }
    self.packed = good(packed)
    derived = good(TranscriptRow.columns(of: transcript))
  }

  /// The change that puts a new thread into the catalogue; completes a row whose file was lost.
  ///
  /// - Parameter created: when it counts as created; nil for when the session says.
  func insertion(
    id: ThreadID, path: FilePath, name: String?, isArchived: Bool, created: Timestamp? = nil
  ) -> RowChange {
    var row = derived
    for member in packed.members ?? [] { row[member.key] = member.value }
    let meta = transcript.head.meta
    row["id"] = .string(id.text)
    row["rollout_path"] = .string(path.string)
    row["cwd"] = .string(cwd)
    row["history_mode"] = .string(meta.format.rawValue)
    row["archived"] = isArchived ? 1 : 0
    row["archived_at"] = isArchived ? packed["archived_at"] ?? row["updated_at"] ?? .null : .null
    row["model_provider"] = .string(settings.modelProvider)
    row["approval_mode"] = .string(settings.approvalMode)
    row["sandbox_policy"] = .string(sandboxPolicy)
    setName(name, &row)
    for (text, fallback) in [("first_user_message", ""), ("title", ""), ("preview", Self.noPreview)]
    where row[text]?.string?.isEmpty ?? true {
      row[text] = .string(preview(or: fallback))
    }
    if let created {
      row["created_at"] = .integer(created.milliseconds / 1000)
      row["created_at_ms"] = .integer(created.milliseconds)
    }
    for (seconds, milliseconds) in [("created_at", "created_at_ms"), ("updated_at", "updated_at_ms")] {
      row[milliseconds] =
        row[milliseconds] ?? row[seconds]?.integer.map { .integer(Timestamp(seconds: $0).milliseconds) }
    }
    if row["recency_at"]?.integer ?? 0 == 0 {
      row["recency_at"] = row["updated_at"]
      row["recency_at_ms"] = row["updated_at_ms"]
    }
    return change(id, to: fitting(row))
  }

  /// The change that a fast-forward makes to the row that is here; nil where there is none.
  ///
  /// - Parameters:
  ///   - path: where the file is then; nil where the row leads there already.
  ///   - archive: the archived state that travels along; nil leaves it.
  ///   - name: the name that travels along; nil leaves it.
  func update(of row: JSONValue, id: ThreadID, path: FilePath?, archive: Bool?, name: String?) -> RowChange? {
    var after = row
    for column in Self.growing {
      if let value = packed[column] ?? derived[column] { after[column] = value }
    }
    for (seconds, milliseconds) in [("updated_at", "updated_at_ms"), ("recency_at", "recency_at_ms")] {
      let incoming =
        packed[milliseconds]?.integer ?? packed[seconds]?.integer.map { Timestamp(seconds: $0).milliseconds }
        ?? derived["updated_at_ms"]?.integer ?? 0
      let local = row[milliseconds]?.integer ?? Timestamp(seconds: row[seconds]?.integer ?? 0).milliseconds
      guard incoming > local else { continue }
      after[seconds] = .integer(incoming / 1000)
      after[milliseconds] = .integer(incoming)
    }
    for column in ["preview", "first_user_message"] where row[column]?.string?.isEmpty ?? false {
      after[column] = .string(preview(or: packed[column]?.string ?? ""))
    }
    after["approval_mode"] = .string(settings.approvalMode)
    after["sandbox_policy"] = .string(sandboxPolicy)
    after["cwd"] = .string(cwd)
    if let path { after["rollout_path"] = .string(path.string) }
    // Its own where that is configured here; one that left the configuration would keep the thread closed.
    after["model_provider"] = .string(settings.modelProvider)
    // The transfer tool leaves the column's default, with which Codex refuses to resume a paginated file (0.163.0).
    after["history_mode"] = .string(transcript.head.meta.format.rawValue)
    if let archive {
      after["archived"] = archive ? 1 : 0
      after["archived_at"] = archive ? packed["archived_at"] ?? after["updated_at"] ?? .null : .null
    }
    setName(name, &after)
    let change = change(id, to: fitting(after))
    return change.after?.members?.isEmpty ?? true ? nil : change
  }

  /// The change that a row needs which the transfer tool made; nil where it needs none.
  ///
  /// The tool writes the columns of 0.133.0, the others keep their defaults: with an empty `preview` 0.163.0 does not
  /// list the thread, with the wrong `history_mode` it does not resume it. Nor does it where the file lies elsewhere in
  /// the home than the row says, as after a restore (0.147.0 to 0.163.0; 0.133.0 mends it itself).
  func mending(of row: JSONValue, of entry: LocalEntry) -> RowChange? {
    var after = row
    if entry.isMisplaced {
      after["rollout_path"] = .string(entry.head.path.string.dropSuffix(".zst"))
      if (row["archived"]?.integer == 1) != entry.head.isArchived {
        after["archived"] = entry.head.isArchived ? 1 : 0
        after["archived_at"] = entry.head.isArchived ? row["updated_at"] ?? .null : .null
      }
    }
    if row["preview"]?.string?.isEmpty == true {
      after["preview"] = .string(preview(or: Self.noPreview))
    }
    after["history_mode"] = .string(transcript.head.meta.format.rawValue)
    after["model_provider"] = .string(settings.modelProvider)
    let change = change(entry.id, to: fitting(after))
    return change.after?.members?.isEmpty ?? true ? nil : change
  }

  /// What the user said first; `fallback` where that is nothing to be seen.
  private func preview(or fallback: String) -> String {
    let text = SettingWord.cleaned(transcript.facts.preview ?? "")
    return text.isEmpty ? fallback : text
  }

  private func setName(_ name: String?, _ row: inout JSONValue) {
    guard let name else { return }
    if transcript.head.meta.format == .paginated, catalogue.threadColumns["name"] != nil {
      row["name"] = .string(name)
    } else {
      row["title"] = .string(name)
    }
  }

  /// Before schema migration 36 Codex knew policies by name only (0.136.0).
  private var sandboxPolicy: String {
    catalogue.migration < 36 && catalogue.migration > 0 ? #"{"type":"read-only"}"# : settings.sandboxPolicy
  }

  /// Only the columns that the table has.
  private func fitting(_ row: JSONValue) -> JSONValue {
    .object((row.members ?? []).filter { catalogue.threadColumns[$0.key] != nil })
  }

  private func change(_ id: ThreadID, to row: JSONValue) -> RowChange {
    let key: JSONValue = ["id": .string(id.text)]
    guard let old = catalogue.threads[id] else {
      return RowChange(table: "threads", key: key, before: nil, after: row)
    }
    let changed = (row.members ?? []).filter { old[$0.key] != $0.value }
    return RowChange(
      table: "threads", key: key, before: .object(changed.map { .init($0.key, old[$0.key] ?? .null) }),
      after: .object(changed))
  }
}
