import CanonicalJSON

/// Takes out of a record what differs between machines although nothing diverged, before it is hashed.
enum RecordMask {
  /// The digest of a line.
  ///
  /// A line that is not JSON is hashed as it is behind a byte that no JSON text begins with.
  static func digest(of line: [UInt8], text: JSONText?, kind: RecordKind) -> RecordDigest {
    guard let text else { return RecordDigest(hashing: [0x00] + line) }
    return RecordDigest(hashing: text.canonical(edits: edits(text.root, kind)))
  }

  private static let token: CanonicalEdit = .replace(Array("\"\u{1}\"".utf8))

  private static func edits(_ root: JSONCursor, _ kind: RecordKind) -> [(JSONCursor, CanonicalEdit)] {
    var edits: [(JSONCursor, CanonicalEdit)] = []
    if let ordinal = root["ordinal"] { edits.append((ordinal, .drop)) }
    guard let payload = root["payload"] else { return edits }
    func drop(_ keys: [String], in object: JSONCursor?) {
      for key in keys { if let value = object?[key] { edits.append((value, .drop)) } }
    }
    switch kind {
    case .responseItem:
      for text in userTexts(payload) {
        if let masked = maskedText(text) { edits.append((text, .replace(masked))) }
      }
    case .sessionMeta:
      drop(["cwd", "runtime_workspace_roots", "id", "session_id", "codex_session_sync"], in: payload)
      drop(["parent_thread_id"], in: payload)
      drop(["parent_thread_id"], in: payload["source"]?["subagent"]?["thread_spawn"])
    case .turnContext:
      drop(["cwd", "workspace_roots", "permission_profile", "file_system_sandbox_policy"], in: payload)
      drop(["writable_roots"], in: payload["sandbox_policy"])
    case .settingsApplied:
      drop(["thread_id"], in: payload)
      drop(["cwd", "runtime_workspace_roots", "permission_profile"], in: payload["thread_settings"])
    default: break
    }
    return edits
  }

  /// The texts of a user's message: where an environment context may stand.
  static func userTexts(_ payload: JSONCursor) -> [JSONCursor] {
    guard payload["type"]?.string == "message", payload["role"]?.string == "user" else { return [] }
    return payload["content"]?.elements.compactMap { $0["text"] }.filter { $0.kind == .string } ?? []
  }

  /// The canonical spelling of a text with its slots masked; nil where it has none.
  ///
  /// The transfer tool rewrites the first `<cwd>` of any user message, typed by the user or not, so the mask
  /// covers that; `<root>` is masked in an environment context only.
  private static func maskedText(_ cursor: JSONCursor) -> [UInt8]? {
    guard cursor.rawBytes.contains(UInt8(ascii: "<")) || cursor.rawBytes.contains(UInt8(ascii: "\\")),
      let text = try? JSONText(Array(cursor.rawBytes))
    else { return nil }
    let canonical = text.canonical()
    let slots = TextSlots.ranges(in: canonical[...], anyMessage: true)
    guard !slots.isEmpty else { return nil }
    var output: [UInt8] = []
    var at = 0
    for slot in slots {
      output += canonical[at..<slot.lowerBound]
      output.append(0x01)
      at = slot.upperBound
    }
    return output + canonical[at...]
  }
}
