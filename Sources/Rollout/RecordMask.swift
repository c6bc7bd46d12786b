import CanonicalJSON

/// Takes out of a record what differs between machines although nothing diverged, before it is hashed.
enum RecordMask {
  /// What is hashed of a record that is bookkeeping, to keep a tail from bringing what is here already.
  ///
  /// Of a line that is not JSON that is the line as it is, behind a byte that no JSON text begins with.
  static func bookkeeping(_ line: Span<UInt8>, _ kind: RecordKind) -> [UInt8] {
    let bytes = line.withUnsafeBufferPointer { Array($0) }
    guard let text = try? JSONText(bytes) else { return [0x00] + bytes }
    var splice = JSONSplice(text)
    func drop(_ keys: [String], from object: JSONCursor?) {
      guard let object else { return }
      for key in keys { splice.remove(key, from: object) }
    }
    drop(["ordinal"], from: text.root)
    let payload = text.root["payload"]
    switch kind {
    case .sessionMeta:
      drop(["id", "session_id", "parent_thread_id", "codex_session_sync"], from: payload)
      drop(["parent_thread_id"], from: payload?["source"]?["subagent"]?["thread_spawn"])
    case .settingsApplied: drop(["thread_id"], from: payload)
    default: break
    }
    // What a record that was received lacks, or says otherwise, than the one that was sent.
    OpeningTree.of(kind)?.walk(text.root) { object, key, value, _, find in
      switch find {
      case .conversation: break
      case .replaced(let other): splice.replace(value, with: other)
      default: splice.remove(member: key, from: object)
      }
    }
    return splice.canonical
  }

  /// The texts of a user's message: where an environment context may stand.
  static func userTexts(_ payload: JSONCursor) -> [JSONCursor] {
    guard payload["type"]?.string == "message", payload["role"]?.string == "user" else { return [] }
    return payload["content"]?.elements.compactMap { $0["text"] }.filter { $0.kind == .string } ?? []
  }

  /// What masks the slots in a user's message, given the place of its `content`.
  static func edits(content: Range<Int>?, of line: Span<UInt8>) -> [JSONEdit] {
    guard let content, line[content.lowerBound] == UInt8(ascii: "[") else { return [] }
    var edits: [JSONEdit] = []
    var element: Int?
    var scanner = CanonicalScanner()
    // An element's first `text` is its text.
    try? scanner.scan(line.extracting(content)) { member, content in
      guard member.object != element, content.holds("text", at: member.key) else { return }
      element = member.object
      edits += masks(content.extracting(member.value)).map { $0.moved(by: member.value.lowerBound) }
    }
    return edits.map { $0.moved(by: content.lowerBound) }
  }

  /// What takes members that are null out of a payload.
  ///
  /// `codex migrate-rollouts` adds two of them to each `compacted` record (0.163.0).
  static func edits(nullsIn payload: Range<Int>?, of line: Span<UInt8>) -> [JSONEdit] {
    guard let payload, line[payload.lowerBound] == UInt8(ascii: "{") else { return [] }
    var members: [(key: Range<Int>, value: Range<Int>, isNull: Bool)] = []
    var scanner = CanonicalScanner()
    try? scanner.scan(line.extracting(payload)) { member, payload in
      guard member.depth == 1 else { return }
      members.append((member.key, member.value, payload[member.value.lowerBound] == UInt8(ascii: "n")))
    }
    // A comma goes along: the one before, or the one behind where nothing before stays.
    let firstKept = members.firstIndex { !$0.isNull } ?? members.count
    return members.indices.filter { members[$0].isNull }.map { index in
      let start = index < firstKept ? members[index].key.lowerBound : members[index - 1].value.upperBound
      let end =
        index < firstKept && index + 1 < members.count
        ? members[index + 1].key.lowerBound : members[index].value.upperBound
      return JSONEdit(start..<end, []).moved(by: payload.lowerBound)
    }
  }

  /// What masks the slots of one text.
  ///
  /// The transfer tool rewrites the first `<cwd>` of any user message, typed by the user or not, so the mask
  /// covers that; `<root>` is masked in an environment context only.
  private static func masks(_ value: Span<UInt8>) -> [JSONEdit] {
    guard value[0] == 0x22 else { return [] }
    // Python escapes no `<`; a text with such an escape is masked in its canonical spelling.
    guard TextSlots.mayBeEscaped(in: value) else {
      return TextSlots.ranges(in: value, anyMessage: true).map { JSONEdit($0, [0x01]) }
    }
    guard let canonical = try? JSONText(value.withUnsafeBufferPointer { Array($0) }).canonical else {
      return []
    }
    var output: [UInt8] = []
    var at = 0
    for slot in TextSlots.ranges(in: canonical.span, anyMessage: true) {
      output += canonical[at..<slot.lowerBound]
      output.append(0x01)
      at = slot.upperBound
    }
    return at == 0 ? [] : [JSONEdit(0..<value.count, output + canonical[at...])]
  }
}

extension JSONEdit {
  fileprivate func moved(by distance: Int) -> JSONEdit {
    JSONEdit((range.lowerBound + distance)..<(range.upperBound + distance), bytes)
  }
}
