import CanonicalJSON
import CodexHome
import Rollout

/// What of a row that came from elsewhere, or was made from a transcript, may stand in the catalogue.
///
/// SQLite takes anything anywhere, but Codex does not: one text in an integer column, and it lists no thread at all; an
/// empty model, and the thread does not open (0.163.0).
enum RowValue {
  /// The longest text of a column that is no title or message, in bytes.
  private static let limit = 4096

  /// A member as it may stand in a column of this type; nil where it may not, or does not travel.
  static func good(_ member: JSONValue.Member, _ type: StateSnapshot.ColumnType?) -> JSONValue.Member? {
    guard OpeningKeys.treatment(member.key, of: .row) == .conversation else { return nil }
    switch (type, member.value) {
    case (.text?, .string(let text)):
      return good(text, for: member.key).map { .init(member.key, .string($0)) }
    case (.integer?, .integer(let value)): return isGood(value, for: member.key) ? member : nil
    default: return nil
    }
  }

  /// Times end with the year 9999.
  private static func isGood(_ value: Int64, for column: String) -> Bool {
    (0...(column.hasSuffix("_at") ? Timestamp.latest.milliseconds / 1000 : 1 << 53)).contains(value)
      && (!column.hasSuffix("_ms") || value <= Timestamp.latest.milliseconds)
  }

  private static func good(_ text: String, for column: String) -> String? {
    switch column {
    case "title", "name", "preview", "first_user_message":
      let cleaned = SettingWord.cleaned(text)
      return cleaned.isEmpty ? nil : cleaned
    case "model": return SettingWord.isModel(text) ? text : nil
    case "reasoning_effort": return SettingWord.isEffort(text) ? text : nil
    case "memory_mode": return ["enabled", "disabled", "polluted"].contains(text) ? text : nil
    case "source": return isSource(text) ? text : nil
    default: return SettingWord.isPlain(text, limit: limit) ? text : nil
    }
  }

  /// A word, or as JSON text what a `session_meta` may say.
  private static func isSource(_ text: String) -> Bool {
    guard SettingWord.isPlain(text, limit: limit) else { return false }
    guard text.hasPrefix("{") else { return text.utf8.allSatisfy { (0x61...0x7A).contains($0) } }
    return OpeningKeys.isSource(Array(text.utf8))
  }
}
