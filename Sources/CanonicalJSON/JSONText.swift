/// One JSON text with an index of its values, made in one pass and without copying any of them.
///
/// Checks the whole grammar of RFC 8259, UTF-8 and a nesting limit of 512. Key order, duplicate keys and
/// the spelling of numbers and strings stay visible: nothing is normalised away.
public struct JSONText: Sendable {
  /// The text as it came.
  public let bytes: [UInt8]
  let nodes: [Node]
  let deviations: [Deviation]

  /// Deepest nesting accepted.
  public static let depthLimit = 512

  /// Indexes `bytes`.
  public init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    var index = JSONIndex()
    try JSONScanner.scan(bytes.span, &index)
    self.bytes = bytes
    nodes = index.nodes
    deviations = index.deviations
  }

  /// How many values a text holds, keys counted too; nil where it is no JSON.
  ///
  /// What an index of it takes can be told before one is made: some 16 bytes a value, some 100 as a `JSONValue`.
  public static func valueCount(_ text: Span<UInt8>) -> Int? {
    var count = ValueCount()
    do throws(JSONSyntaxError) { try JSONScanner.scan(text, &count) } catch { return nil }
    return count.values
  }

  /// Whether `bytes` are their own canonical form.
  public var isCanonical: Bool { deviations.isEmpty }

  /// The text as Codex itself would write it: no space between values, one spelling for each string and
  /// number, key order and duplicate keys kept.
  public var canonical: [UInt8] { isCanonical ? bytes : canonical(edits: []) }

  /// The canonical form with changes made, given in the order of their places.
  func canonical(edits: [JSONEdit]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      var emitter = CanonicalEmitter(bytes, edits: edits, scratch: []) { piece in
        piece.withUnsafeBufferPointer { output.append(contentsOf: $0) }
      }
      for deviation in deviations { emitter.deviation(deviation.range) }
      emitter.finish()
    }
    return output
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

private struct ValueCount: JSONHandler {
  private(set) var values = 0

  mutating func open(_ kind: JSONCursor.Kind, at start: Int) { values += 1 }
  mutating func scalar(_ kind: JSONCursor.Kind, _ range: Range<Int>) { values += 1 }
  mutating func deviation(_ range: Range<Int>) {}
}

/// Builds the index of a text.
private struct JSONIndex: JSONHandler {
  private(set) var nodes: [JSONText.Node] = []
  private(set) var deviations: [Deviation] = []
  private var containers: [Int] = []

  mutating func open(_ kind: JSONCursor.Kind, at start: Int) {
    containers.append(nodes.count)
    nodes.append(.init(kind: kind, start: Int32(start), end: 0, next: 0))
  }

  mutating func close(at end: Int) {
    guard let own = containers.popLast() else { return }
    nodes[own].end = Int32(end)
    nodes[own].next = Int32(nodes.count)
  }

  mutating func scalar(_ kind: JSONCursor.Kind, _ range: Range<Int>) {
    nodes.append(
      .init(
        kind: kind, start: Int32(range.lowerBound), end: Int32(range.upperBound), next: Int32(nodes.count + 1)
      ))
  }

  mutating func deviation(_ range: Range<Int>) { deviations.append(Deviation(range)) }
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

  /// How many values there are in it and below, itself and keys counted.
  public var count: Int { Int(node.next) - index }

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

  /// A key that stands twice in one object, here or at any depth below, in whatever spelling; nil where none does.
  ///
  /// Parsers differ in which of the two counts.
  ///
  /// - Parameter aliases: second names of keys.
  public func doubledKey(aliases: [String: String] = [:]) -> JSONCursor? {
    var seen: Set<[UInt8]> = []
    for member in members {
      let key = member.key.string.map { Array((aliases[$0] ?? $0).utf8) } ?? Array(member.key.rawBytes)
      if !seen.insert(key).inserted { return member.key }
      if let below = member.value.doubledKey(aliases: aliases) { return below }
    }
    for element in elements {
      if let below = element.doubledKey(aliases: aliases) { return below }
    }
    return nil
  }

  func equals(_ key: String) -> Bool {
    let body = text.bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
    if body.elementsEqual(key.utf8) { return true }
    return body.contains(UInt8(ascii: "\\")) && string == key
  }
}
