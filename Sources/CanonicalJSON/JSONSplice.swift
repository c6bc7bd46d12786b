/// Edits of a JSON text that touch nothing but the values they name: every other byte stays as it is.
public struct JSONSplice: Sendable {
  /// What is to become of one object's members.
  private struct Membership: Sendable {
    let object: JSONCursor
    /// The keys of those that go, by their place in the index.
    var removed: Set<Int> = []
    var appended: [[UInt8]] = []
  }

  private let text: JSONText
  private var replacements: [JSONEdit] = []
  private var memberships: [Int: Membership] = [:]

  /// Starts with no edit.
  public init(_ text: JSONText) { self.text = text }

  /// True while nothing is to be changed.
  public var isEmpty: Bool { replacements.isEmpty && memberships.isEmpty }

  /// Puts `value` in the place of the value at `cursor`.
  public mutating func replace(_ cursor: JSONCursor, with value: JSONValue) {
    replacements.append(JSONEdit(cursor.range, value.bytes))
  }

  /// Puts `bytes` in the place of some bytes of the text, such as a part of a string.
  public mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
    replacements.append(JSONEdit(range, bytes))
  }

  /// Removes the member `key` of an object, duplicates included, with the commas that belong to it.
  public mutating func remove(_ key: String, from object: JSONCursor) {
    for member in object.members where member.key.equals(key) { remove(member: member.key, from: object) }
  }

  /// Removes the one member of an object that has its key at `key`, with the commas that belong to it.
  public mutating func remove(member key: JSONCursor, from object: JSONCursor) {
    memberships[object.index, default: Membership(object: object)].removed.insert(key.index)
  }

  /// Adds a member behind the last one of an object; nothing happens to any other kind of value.
  public mutating func append(_ key: String, _ value: JSONValue, to object: JSONCursor) {
    guard object.kind == .object else { return }
    let member = JSONValue.string(key).bytes + [UInt8(ascii: ":")] + value.bytes
    memberships[object.index, default: Membership(object: object)].appended.append(member)
  }

  /// The text with all edits made.
  public var result: [UInt8] {
    if isEmpty { return text.bytes }
    var output: [UInt8] = []
    output.reserveCapacity(text.bytes.count + 64)
    var at = 0
    for edit in edits {
      // What lies inside a value that is gone needs no edit.
      guard edit.range.lowerBound >= at else { continue }
      output += text.bytes[at..<edit.range.lowerBound]
      output += edit.bytes
      at = edit.range.upperBound
    }
    output += text.bytes[at...]
    return output
  }

  /// The canonical form of the text with all edits made; what comes in is taken as it is.
  public var canonical: [UInt8] { isEmpty ? text.canonical : text.canonical(edits: edits) }

  private var edits: [JSONEdit] {
    (replacements + memberships.values.flatMap(Self.edits))
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// A removed member takes the comma before it along, or where no member before it stays, the one behind it.
  private static func edits(_ change: Membership) -> [JSONEdit] {
    let members = change.object.members
    var edits: [JSONEdit] = []
    var hasMember = false
    for (index, member) in members.enumerated() {
      guard change.removed.contains(member.key.index) else {
        hasMember = true
        continue
      }
      if hasMember {
        edits.append(JSONEdit(members[index - 1].value.range.upperBound..<member.value.range.upperBound, []))
      } else {
        let end =
          index + 1 < members.count ? members[index + 1].key.range.lowerBound : member.value.range.upperBound
        edits.append(JSONEdit(member.key.range.lowerBound..<end, []))
      }
    }
    if !change.appended.isEmpty {
      let place = members.last?.value.range.upperBound ?? change.object.range.lowerBound + 1
      let comma: [UInt8] = [UInt8(ascii: ",")]
      edits.append(
        JSONEdit(place..<place, (hasMember ? comma : []) + change.appended.joined(separator: comma)))
    }
    return edits
  }
}
