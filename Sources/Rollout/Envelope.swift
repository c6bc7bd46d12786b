import CanonicalJSON

/// The members of a record that decide what it is, found while the line is scanned; places in its bytes.
///
/// Of doubled keys the first counts, as in a cursor; of one that decides it is noted.
struct Envelope {
  private(set) var type: Range<Int>?
  private(set) var timestamp: Range<Int>?
  private(set) var payload: Range<Int>?
  private(set) var payloadType: Range<Int>?
  private(set) var role: Range<Int>?
  private(set) var content: Range<Int>?
  private(set) var info: Range<Int>?
  /// The value of `ordinal`.
  private(set) var ordinal: Range<Int>?
  /// What goes with the ordinal: its key, and a comma.
  private(set) var ordinalMember: Range<Int>?
  /// A key that says what the record is and stands twice; Codex goes by the last one (0.163.0).
  private(set) var doubledKey: Range<Int>?

  private var payloadStart: Int?
  private var memberEnd: Int?
  private var ordinalIsFirst = false

  /// Notes a member.
  mutating func note(_ member: JSONMember, _ line: Span<UInt8>) {
    if member.depth == 1 { noteOuter(member, line) } else { noteInner(member, line) }
  }

  private mutating func noteOuter(_ member: JSONMember, _ line: Span<UInt8>) {
    if ordinalIsFirst, let range = ordinalMember {
      ordinalMember = range.lowerBound..<member.key.lowerBound
      ordinalIsFirst = false
    }
    if line.holds("type", at: member.key) {
      if type == nil { type = member.value } else { doubledKey = member.key }
    } else if timestamp == nil, line.holds("timestamp", at: member.key) {
      timestamp = member.value
    } else if line.holds("payload", at: member.key) {
      if payload != nil { doubledKey = member.key }
      payload = payload ?? member.value
      payloadStart = payload?.lowerBound
    } else if line.holds("ordinal", at: member.key) {
      if ordinal == nil { noteOrdinal(member) } else { doubledKey = member.key }
    }
    memberEnd = member.value.upperBound
  }

  private mutating func noteOrdinal(_ member: JSONMember) {
    ordinal = member.value
    ordinalMember = (memberEnd ?? member.key.lowerBound)..<member.value.upperBound
    ordinalIsFirst = memberEnd == nil
  }

  private mutating func noteInner(_ member: JSONMember, _ line: Span<UInt8>) {
    if payloadStart == nil, line.holds("payload", at: member.objectKey) { payloadStart = member.object }
    guard member.object == payloadStart else { return }
    if line.holds("type", at: member.key) {
      if payloadType == nil { payloadType = member.value } else { doubledKey = member.key }
    } else if role == nil, line.holds("role", at: member.key) {
      role = member.value
    } else if content == nil, line.holds("content", at: member.key) {
      content = member.value
    } else if info == nil, line.holds("info", at: member.key) {
      info = member.value
    }
  }
}

extension Span<UInt8> {
  /// A copy of the bytes at some place.
  func bytes(at place: Range<Int>) -> [UInt8] {
    extracting(place).withUnsafeBufferPointer { Array($0) }
  }

  /// The text of the JSON string at some place; nil where none stands there, or one that is no text.
  func string(at place: Range<Int>?) -> String? {
    guard let place, place.count >= 2, self[place.lowerBound] == 0x22 else { return nil }
    let body = extracting((place.lowerBound + 1)..<(place.upperBound - 1))
    return body.withUnsafeBufferPointer { bytes in
      bytes.contains(UInt8(ascii: "\\"))
        ? (try? JSONText(Array([0x22] + bytes + [0x22])))?.root.string
        : String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Whether a JSON string, in whatever spelling, is `text`; `text` is plain ASCII.
  func holds(_ text: StaticString, at place: Range<Int>) -> Bool {
    let length = text.utf8CodeUnitCount
    // An escape takes at most six bytes for one.
    guard (length + 2...6 * length + 2).contains(place.count), self[place.lowerBound] == 0x22 else {
      return false
    }
    if place.count == length + 2 {
      for index in 0..<length where self[place.lowerBound + 1 + index] != text.utf8Start[index] {
        return false
      }
      return true
    }
    // A longer one is only the same where something in it is escaped.
    return place.contains { self[$0] == UInt8(ascii: "\\") } && string(at: place) == "\(text)"
  }
}
