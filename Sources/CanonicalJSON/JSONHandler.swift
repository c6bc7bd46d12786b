/// What listens to a scan; calls come in the order of the text.
protocol JSONHandler {
  /// An object or array begins.
  mutating func open(_ kind: JSONCursor.Kind, at start: Int)
  /// The innermost open object or array has ended before `end`.
  mutating func close(at end: Int)
  /// A key, or a value that is neither object nor array.
  mutating func scalar(_ kind: JSONCursor.Kind, _ range: Range<Int>)
  /// A member has ended, of an object that is the text itself or a value directly in it.
  mutating func member(_ member: JSONMember, in text: UnsafeBufferPointer<UInt8>)
  /// Bytes that the canonical form spells otherwise, or not at all: a run of space, an escape, a number.
  mutating func deviation(_ range: Range<Int>)
}

extension JSONHandler {
  mutating func open(_ kind: JSONCursor.Kind, at start: Int) {}
  mutating func close(at end: Int) {}
  mutating func scalar(_ kind: JSONCursor.Kind, _ range: Range<Int>) {}
  mutating func member(_ member: JSONMember, in text: UnsafeBufferPointer<UInt8>) {}
}

/// A member of the outermost object, or of an object directly in the outermost value; places are byte offsets.
public struct JSONMember: Sendable {
  /// 1 for the outermost object, 2 for one directly in it or in the outermost array.
  public let depth: Int
  /// Where the object begins.
  public let object: Int
  /// The key under which the object itself stands, quotes included; empty where it stands under none.
  public let objectKey: Range<Int>
  /// The key, quotes included.
  public let key: Range<Int>
  /// The value.
  public let value: Range<Int>
}
