import CanonicalJSON

/// What Codex demands of a rollout's first record: with a key missing that it needs, or a value of another type, it
/// neither lists nor reads nor resumes the thread. Each was tried with 0.133.0, 0.144.4, 0.149.0 and 0.163.0.
extension SessionMeta {
  /// Texts that have to be there; `id` is looked at elsewhere.
  private static let required = ["timestamp", "cwd", "originator", "cli_version"]

  static func unfitKeys(_ payload: JSONCursor, _ format: Format) -> [String] {
    var unfit = required.filter { payload[$0]?.string == nil }
    // 0.149.0 and 0.163.0 page through a paginated thread by it.
    if format == .paginated, let time = payload["timestamp"]?.string, Timestamp(time) == nil {
      unfit.append("timestamp")
    }
    // Null is refused too (0.144.4 and later).
    if let session = payload["session_id"], session.string.flatMap(ThreadID.init) == nil {
      unfit.append("session_id")
    }
    if let mode = payload["history_mode"], mode.string.flatMap(Format.init) == nil {
      unfit.append("history_mode")
    }
    if let source = payload["source"], source.kind != .string, source.members.isEmpty {
      unfit.append("source")
    }
    for key in ["thread_source", "model_provider"] {
      if let value = payload[key], value.kind != .string, value.kind != .null { unfit.append(key) }
    }
    if let text = payload["base_instructions"], text.kind != .null, text["text"]?.string == nil {
      unfit.append("base_instructions")
    }
    return unfit.sorted()
  }
}
