import CanonicalJSON

/// Rewrites the machine-bound fields of records for this machine, and leaves every other byte as it is.
public struct RecordRewriter: Sendable {
  /// What the first `session_meta` of a new file is to say.
  public struct HeadChanges: Sendable, Hashable {
    /// The value of `codex_session_sync`; nil leaves the key away.
    public let marker: JSONValue?
    /// The value of `forked_from_id`, where it is to change.
    public let forkedFrom: ThreadID?
    /// The value of `model_provider`, where it is to change.
    ///
    /// Codex 0.163.0 lists a thread by the provider that its file begins with, not by the one in the catalogue.
    public let provider: String?

    /// Creates the changes.
    public init(marker: JSONValue? = nil, forkedFrom: ThreadID? = nil, provider: String? = nil) {
      self.marker = marker
      self.forkedFrom = forkedFrom
      self.provider = provider
    }
  }

  private let paths: PathMap
  private let renames: [ThreadID: ThreadID]

  /// Creates a rewriter; `renames` are threads that live under another id here than where the records were written.
  public init(paths: PathMap, renames: [ThreadID: ThreadID] = [:]) {
    self.paths = paths
    self.renames = renames
  }

  /// The line as it is to be written here.
  ///
  /// - Parameters:
  ///   - line: the record, without its newline.
  ///   - kind: what it is.
  ///   - ordinal: the ordinal to give the record; nil leaves what is there.
  ///   - head: the changes of a new file's first record; nil for every other record.
  ///   - translate: the new ordinal for an old one, for fields that count in ordinals.
  public func rewrite(
    _ line: [UInt8], kind: RecordKind, ordinal: Int64?, head: HeadChanges? = nil,
    translate: (Int64) -> Int64 = { $0 }
  ) -> [UInt8] {
    guard kind != .notJSON, let text = try? JSONText(line), text.root.kind == .object else {
      return line
    }
    var splice = JSONSplice(text)
    let root = text.root
    if let ordinal {
      if let old = root["ordinal"] {
        if old.integer != ordinal { splice.replace(old, with: .integer(ordinal)) }
      } else {
        splice.append("ordinal", .integer(ordinal), to: root)
      }
    }
    guard let payload = root["payload"] else { return splice.result }
    switch kind {
    case .sessionMeta:
      rewriteMeta(payload, &splice)
      if let head { rewriteHead(payload, head, translate, &splice) }
    case .turnContext:
      path(payload["cwd"], &splice)
      payload["workspace_roots"]?.elements.forEach { path($0, &splice) }
      payload["sandbox_policy"]?["writable_roots"]?.elements.forEach { path($0, &splice) }
      profilePaths(payload["permission_profile"], &splice)
      profilePaths(payload["file_system_sandbox_policy"], &splice)
    case .settingsApplied:
      let settings = payload["thread_settings"]
      path(settings?["cwd"], &splice)
      settings?["runtime_workspace_roots"]?.elements.forEach { path($0, &splice) }
      profilePaths(settings?["permission_profile"], &splice)
    case .responseItem:
      for cursor in RecordMask.userTexts(payload) { contextPaths(cursor, in: text, &splice) }
    default: break
    }
    return splice.result
  }

  private func rewriteMeta(_ payload: JSONCursor, _ splice: inout JSONSplice) {
    path(payload["cwd"], &splice)
    payload["runtime_workspace_roots"]?.elements.forEach { path($0, &splice) }
    for key in ["id", "session_id", "parent_thread_id"] { rename(payload[key], &splice) }
    rename(payload["source"]?["subagent"]?["thread_spawn"]?["parent_thread_id"], &splice)
  }

  private func rewriteHead(
    _ payload: JSONCursor, _ head: HeadChanges, _ translate: (Int64) -> Int64, _ splice: inout JSONSplice
  ) {
    splice.remove("history_base", from: payload)
    for key in ["forked_from_ordinal_exclusive", "subagent_history_start_ordinal"] {
      guard let cursor = payload[key], let old = cursor.integer else { continue }
      if translate(old) != old { splice.replace(cursor, with: .integer(translate(old))) }
    }
    set("forked_from_id", head.forkedFrom.map { .string($0.text) }, payload, &splice)
    set("codex_session_sync", head.marker, payload, &splice)
    set("model_provider", head.provider.map(JSONValue.string), payload, &splice)
  }

  private func set(_ key: String, _ value: JSONValue?, _ payload: JSONCursor, _ splice: inout JSONSplice) {
    guard let value else { return }
    if let old = payload[key] {
      splice.replace(old, with: value)
    } else {
      splice.append(key, value, to: payload)
    }
  }

  private func rename(_ cursor: JSONCursor?, _ splice: inout JSONSplice) {
    guard let cursor, let old = cursor.string.flatMap(ThreadID.init), let new = renames[old], new != old
    else { return }
    splice.replace(cursor, with: .string(new.text))
  }

  private func path(_ cursor: JSONCursor?, _ splice: inout JSONSplice) {
    guard let cursor, let old = cursor.string else { return }
    let new = paths.localise(old).path
    if new != old { splice.replace(cursor, with: .string(new)) }
  }

  /// Path entries of a permission profile stand under `path`, at any depth, as text or as `{"path": …}`.
  private func profilePaths(_ cursor: JSONCursor?, _ splice: inout JSONSplice) {
    guard let cursor else { return }
    for member in cursor.members {
      if member.key.string == "path", member.value.kind == .string {
        path(member.value, &splice)
      } else {
        profilePaths(member.value, &splice)
      }
    }
    for element in cursor.elements { profilePaths(element, &splice) }
  }

  private func contextPaths(_ cursor: JSONCursor, in text: JSONText, _ splice: inout JSONSplice) {
    for slot in TextSlots.ranges(in: text.bytes.span, at: cursor.range, anyMessage: false) {
      let quoted = [0x22] + text.bytes[slot] + [0x22]
      guard let old = (try? JSONText(quoted))?.root.string else { continue }
      let new = paths.localise(old).path
      if new != old { splice.replace(slot, with: Array(JSONValue.string(new).bytes.dropFirst().dropLast())) }
    }
  }
}
