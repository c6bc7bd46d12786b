import CanonicalJSON
import Rollout

/// The closed list of what Codex reads when it opens a thread, for people.
enum OpeningKeyTable {
  static let markdown =
    """
    When Codex opens a thread it acts on some of what stands in the transcript and in the catalogue: what it may do \
    without asking, where, with which model, and what it starts. A package may come from anybody, so the list of these \
    keys is closed. In the records that Codex acts on, `session_meta`, `turn_context` and `thread_settings_applied`, a \
    key that is not below does not travel. What a machine sends stays whole: `packup` leaves nothing out.

    | treatment | what becomes of it |
    | --- | --- |
    | conversation | It travels as it is. |
    | receiver's | What this machine says takes its place: in a record on the way the value shown, stricter than any \
    configuration, or nothing; in the record at the end, which rules, what `config.toml` says. |
    | dropped | It is left out; the report names it (`keys_dropped`) and the journal keeps it. So is every key that is \
    not on the list. |

    *since* is the first version from 0.133.0 on that was seen with it, *until* the last one that reads it where the \
    newest does not. Each line was tried with Codex 0.133.0, 0.149.0, 0.154.0 and 0.163.0: a package with a hostile \
    value, then the thread opened and a turn (`Tests/Acceptance/test_opening_keys.py`).


    """
    + OpeningKey.Place.allCases.map(table).joined(separator: "\n")
      + """

      Not on the list, because nothing acts on it when a thread is opened: history (the model reads it, as it reads \
      every message), `world_state`, every other event; an active goal in `thread_goal_updated` begins no turn \
      (0.163.0).

      A key of these records that stands twice in one object, in whatever spelling, blocks the session (`unsafe`): of \
      two Codex goes by the last one, other programs by the first. So does a second `type`, `payload` or `ordinal` of \
      any record, and a key that stands twice in a row of `metadata/`. On the side that packs such a record is the \
      user's own and is packed as it is.

      """

  private static func table(_ place: OpeningKey.Place) -> String {
    let keys = OpeningKeys.all.filter { $0.place == place }
    return """
      ## \(heading(place))

      | key | treatment | since | until | what it does |
      | --- | --- | --- | --- | --- |

      """ + keys.map(row).joined(separator: "\n") + "\n"
  }

  private static func heading(_ place: OpeningKey.Place) -> String {
    switch place {
    case .sessionMeta, .turnContext: "Record `\(place.rawValue)`"
    case .settings: "Event `\(place.rawValue)`"
    case .row, .dynamicTool: "Table `\(place.rawValue)` of the catalogue"
    }
  }

  private static func row(_ key: OpeningKey) -> String {
    "| `\(key.path)` | \(treatment(key.treatment)) | \(key.since) | \(key.until ?? "") | \(key.note) |"
  }

  private static func treatment(_ treatment: OpeningKey.Treatment) -> String {
    switch treatment {
    case .conversation: "conversation"
    case .receivers(nil): "receiver's: left out"
    case .receivers(let ours?): "receiver's: `\(String(decoding: ours.bytes, as: UTF8.self))`"
    case .receiversFolder: "receiver's: the place on this machine"
    case .receiversFolders: "receiver's: the record's own folder"
    case .dropped: "dropped"
    }
  }
}
