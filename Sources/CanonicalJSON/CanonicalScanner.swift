/// Checks JSON texts one after another and hands out their canonical bytes, without a tree and without a copy.
///
/// The canonical form is the text as Codex itself would write it: no space between values, one spelling for each
/// string and number, key order and duplicate keys kept. Where the scanner finds another spelling it notes the
/// place; between such places the bytes are handed out where they lie. Memory is 0.6 MiB, whatever the text.
public struct CanonicalScanner {
  /// Places noted; a text with more is scanned a second time when its canonical bytes are wanted.
  private static let limit = 1 << 16

  private var noted: [Deviation] = []
  private var scratch: [UInt8] = []
  private var overflows = false

  /// Whether the text scanned last is its own canonical form.
  public var isCanonical: Bool { noted.isEmpty }

  /// Creates a scanner.
  public init() {}

  /// Checks a text, and calls `member` with each member of the outermost object and of objects directly in the
  /// outermost value, in the order in which they end.
  public mutating func scan(
    _ text: Span<UInt8>, member: (JSONMember, Span<UInt8>) -> Void = { _, _ in }
  ) throws(JSONSyntaxError) {
    noted.removeAll(keepingCapacity: true)
    var notes = Notes(deviations: noted, limit: Self.limit)
    noted = []
    defer {
      noted = notes.deviations
      overflows = notes.overflows
    }
    try withoutActuallyEscaping(member) { (member) throws(JSONSyntaxError) in
      notes.listener = member
      defer { notes.listener = nil }
      try JSONScanner.scan(text, &notes)
    }
  }

  /// Hands out the canonical bytes of the text scanned last, in pieces.
  ///
  /// `edits` are changes to be made, in the order of their places; one that begins inside another is left out.
  public mutating func canonical(
    _ text: Span<UInt8>, edits: [JSONEdit] = [], _ sink: (Span<UInt8>) -> Void
  ) {
    withoutActuallyEscaping(sink) { sink in
      text.withUnsafeBufferPointer { bytes in
        var emitter = CanonicalEmitter(bytes, edits: edits, scratch: scratch, to: sink)
        scratch = []
        if overflows {
          try? JSONScanner.scan(text, &emitter)
        } else {
          for deviation in noted { emitter.deviation(deviation.range) }
        }
        emitter.finish()
        scratch = emitter.scratch
      }
    }
  }
}

/// A place where a text is not spelled canonically.
struct Deviation: Sendable {
  private let start: UInt32
  private let length: UInt32

  init(_ range: Range<Int>) {
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    length = UInt32(truncatingIfNeeded: range.count)
  }

  var range: Range<Int> { Int(start)..<(Int(start) + Int(length)) }
}

private struct Notes: JSONHandler {
  var deviations: [Deviation]
  let limit: Int
  var overflows = false
  var listener: ((JSONMember, Span<UInt8>) -> Void)?

  init(deviations: [Deviation], limit: Int) {
    self.deviations = deviations
    self.limit = limit
  }

  mutating func member(_ member: JSONMember, in text: UnsafeBufferPointer<UInt8>) {
    listener?(member, text.span)
  }

  mutating func deviation(_ range: Range<Int>) {
    if deviations.count < limit { deviations.append(Deviation(range)) } else { overflows = true }
  }
}
