import CanonicalJSON
import SystemPackage

/// The machine-readable answers: one JSON object each, whose `schema` names their form.
///
/// Keys are added, never renamed or removed, within one schema version.
public enum Report {
  /// The value of `schema`.
  public static let schema = "codex-session-sync/1"

  /// An answer's first members.
  static func head(_ command: String, home: String) -> JSONValue {
    ["schema": .string(schema), "command": .string(command), "codex_home": .string(home)]
  }

  /// The answer of a command that failed as a whole.
  public static func failure(code: String, message: String, hint: String) -> JSONValue {
    [
      "schema": .string(schema),
      "error": ["code": .string(code), "message": .string(message), "hint": .string(hint)],
    ]
  }

  /// What of the home could not be looked into, or is no thread although it looks like one.
  static func warnings(_ warnings: [HomeWarning]) -> JSONValue {
    .array(
      warnings.map {
        ["code": .string($0.code.rawValue), "path": .string($0.path.string), "detail": text($0.detail)]
      })
  }

  static func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
}
