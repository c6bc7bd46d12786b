import CanonicalJSON
import Rollout

/// The name a user gave a thread, wherever Codex keeps it.
///
/// Paginated threads have it in `threads.name`; legacy ones in `title`, where that differs from the first message,
/// else in the last line of `session_index.jsonl` (0.133.0 to 0.163.0).
struct ThreadNaming: Sendable, Hashable {
  let name: String?

  init(row: JSONValue?, indexRow: JSONValue?) {
    let isPaginated = row?["history_mode"]?.string == SessionMeta.Format.paginated.rawValue
    let title = row?["title"]?.string
    if let name = row?["name"]?.string, !name.isEmpty {
      self.name = name
    } else if isPaginated {
      name = nil
    } else if let title, !title.isEmpty, title != row?["first_user_message"]?.string {
      name = title
    } else {
      // The transfer tool writes an index line for every thread, with the title where there is no name.
      let indexed = indexRow?["thread_name"]?.string
      name = indexed == title ? nil : indexed
    }
  }
}
