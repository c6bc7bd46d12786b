/// One JSON text with an index of its values, made in one pass and without copying any of them.
///
/// Checks the whole grammar of RFC 8259, UTF-8 and a nesting limit of 512. Key order, duplicate keys and
/// the spelling of numbers and strings stay visible: nothing is normalised away.
public struct JSONText: Sendable {
  /// The text as it came.
  public let bytes: [UInt8]
  /// True where `bytes` are their own canonical form.
  public let isCanonical: Bool
  let nodes: [Node]

  /// Deepest nesting accepted.
  public static let depthLimit = 512

  /// Indexes `bytes`.
  public init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    var scanner = try JSONScanner(bytes)
    try scanner.scan()
    self.bytes = bytes
    nodes = scanner.nodes
    isCanonical = scanner.isCanonical
  }

  /// The outermost value.
  public var root: JSONCursor { JSONCursor(text: self, index: 0) }

  /// One value in the index: children follow their container, `next` skips them all.
  struct Node: Sendable {
    var kind: JSONCursor.Kind
    var start: Int32
    var end: Int32
    var next: Int32
  }
}

/// A place in a JSON text.
public struct JSONCursor: Sendable {
  /// What kind of value it is.
  public enum Kind: UInt8, Sendable { case object, array, string, number, `true`, `false`, null }

  let text: JSONText
  let index: Int

  private var node: JSONText.Node { text.nodes[index] }

  /// The value's kind.
  public var kind: Kind { node.kind }

  /// The bytes of the value in the text, quotes and brackets included.
  public var range: Range<Int> { Int(node.start)..<Int(node.end) }

  /// The bytes of the value as they stand.
  public var rawBytes: ArraySlice<UInt8> { text.bytes[range] }

  /// The value of the first member with this key; nil where there is none, or this is no object.
  public subscript(key: String) -> JSONCursor? {
    for member in members where member.key.equals(key) { return member.value }
    return nil
  }

  /// An object's members in their order, duplicates included; empty for any other kind.
  public var members: [(key: JSONCursor, value: JSONCursor)] {
    guard kind == .object else { return [] }
    var found: [(key: JSONCursor, value: JSONCursor)] = []
    var at = index + 1
    while at < node.next {
      let key = JSONCursor(text: text, index: at)
      let value = JSONCursor(text: text, index: at + 1)
      found.append((key, value))
      at = Int(value.node.next)
    }
    return found
  }

  /// An array's elements in their order; empty for any other kind.
  public var elements: [JSONCursor] {
    guard kind == .array else { return [] }
    var found: [JSONCursor] = []
    var at = index + 1
    while at < node.next {
      found.append(JSONCursor(text: text, index: at))
      at = Int(text.nodes[at].next)
    }
    return found
  }

  /// The text of a string, escapes resolved; nil for any other kind, or where the string holds a lone
  /// surrogate, which no Unicode text can.
  public var string: String? {
    guard kind == .string else { return nil }
    let body = text.bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
    guard body.contains(UInt8(ascii: "\\")) else { return String(decoding: body, as: UTF8.self) }
    var decoded: [UInt8] = []
    guard StringForm.decode(body, into: &decoded) else { return nil }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// The value of an integer that fits 64 bits; nil for anything else.
  public var integer: Int64? {
    guard kind == .number else { return nil }
    return Int64(String(decoding: rawBytes, as: UTF8.self))
  }

  /// The value of `true` or `false`; nil for anything else.
  public var bool: Bool? {
    switch kind {
    case .true: true
    case .false: false
    default: nil
    }
  }

  private func equals(_ key: String) -> Bool {
    let body = text.bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
    if body.elementsEqual(key.utf8) { return true }
    return body.contains(UInt8(ascii: "\\")) && string == key
  }
}
