/// Edits of a JSON text that touch nothing but the values they name: every other byte stays as it is.
public struct JSONSplice: Sendable {
  private let text: JSONText
  private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

  /// Starts with no edit.
  public init(_ text: JSONText) { self.text = text }

  /// True while nothing is to be changed.
  public var isEmpty: Bool { edits.isEmpty }

  /// Puts `value` in the place of the value at `cursor`.
  public mutating func replace(_ cursor: JSONCursor, with value: JSONValue) {
    edits.append((cursor.range, value.bytes))
  }

  /// Puts `bytes` in the place of some bytes of the text, such as a part of a string.
  public mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
    edits.append((range, bytes))
  }

  /// Removes the member `key` of an object, with the comma that belongs to it.
  public mutating func remove(_ key: String, from object: JSONCursor) {
    let members = object.members
    guard let index = members.firstIndex(where: { $0.key.string == key }) else { return }
    if index + 1 < members.count {
      edits.append((members[index].key.range.lowerBound..<members[index + 1].key.range.lowerBound, []))
    } else if index > 0 {
      edits.append((members[index - 1].value.range.upperBound..<members[index].value.range.upperBound, []))
    } else {
      edits.append((members[index].key.range.lowerBound..<members[index].value.range.upperBound, []))
    }
  }

  /// Adds a member behind the last one of an object.
  public mutating func append(_ key: String, _ value: JSONValue, to object: JSONCursor) {
    let member = JSONValue.string(key).bytes + [UInt8(ascii: ":")] + value.bytes
    if let last = object.members.last {
      edits.append((last.value.range.upperBound..<last.value.range.upperBound, [UInt8(ascii: ",")] + member))
    } else {
      let inside = object.range.lowerBound + 1
      edits.append((inside..<inside, member))
    }
  }

  /// The text with all edits made.
  public var result: [UInt8] {
    if edits.isEmpty { return text.bytes }
    var output: [UInt8] = []
    output.reserveCapacity(text.bytes.count + 64)
    var at = 0
    for edit in edits.sorted(by: { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) })
    {
      guard edit.range.lowerBound >= at else { continue }
      output += text.bytes[at..<edit.range.lowerBound]
      output += edit.bytes
      at = edit.range.upperBound
    }
    output += text.bytes[at...]
    return output
  }
}
