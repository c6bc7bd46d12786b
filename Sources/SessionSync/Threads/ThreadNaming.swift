import CanonicalJSON
import Rollout

/// The name a user gave a thread, wherever Codex keeps it.
///
/// Paginated threads have it in `threads.name`; legacy ones in `title`, where that differs from the first message,
/// else in the last line of `session_index.jsonl` (0.133.0 to 0.163.0).
struct ThreadNaming: Sendable, Hashable {
  let name: String?

  init(row: JSONValue?, indexRow: JSONValue?) {
    name = Self.name(row, indexRow).map(SettingWord.cleaned).flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func name(_ row: JSONValue?, _ indexRow: JSONValue?) -> String? {
    let isPaginated = row?["history_mode"]?.string == SessionMeta.Format.paginated.rawValue
    let title = row?["title"]?.string
    if let name = row?["name"]?.string, !name.isEmpty { return name }
    if isPaginated { return nil }
    if let title, !title.isEmpty, title != row?["first_user_message"]?.string { return title }
    // The transfer tool writes an index line for every thread, with the title where there is no name.
    let indexed = indexRow?["thread_name"]?.string
    return indexed == title ? nil : indexed
  }
}
