/// A change to the bytes of a JSON text: what comes into their place.
public struct JSONEdit: Sendable {
  /// The bytes that go.
  public let range: Range<Int>
  /// The bytes that come.
  public let bytes: [UInt8]

  /// Creates an edit.
  public init(_ range: Range<Int>, _ bytes: [UInt8]) {
    self.range = range
    self.bytes = bytes
  }
}

/// Hands out a text's canonical bytes in pieces, given its deviations in order.
///
/// Runs that stay as they are are handed out where they lie; only what is short is gathered first.
struct CanonicalEmitter: JSONHandler {
  private static let gathered = 1 << 16
  private static let short = 1 << 12

  private let text: UnsafeBufferPointer<UInt8>
  private let sink: (Span<UInt8>) -> Void
  private var edits: ArraySlice<JSONEdit>
  private var at = 0
  private(set) var scratch: [UInt8]

  /// - Parameters:
  ///   - edits: in the order of their places; one that begins inside another is left out.
  ///   - scratch: memory to use again.
  init(
    _ text: UnsafeBufferPointer<UInt8>, edits: [JSONEdit], scratch: consuming [UInt8],
    to sink: @escaping (Span<UInt8>) -> Void
  ) {
    self.text = text
    self.sink = sink
    self.edits = edits[...]
    self.scratch = scratch
    self.scratch.removeAll(keepingCapacity: true)
  }

  mutating func deviation(_ range: Range<Int>) {
    makeEdits(through: range.lowerBound)
    guard range.lowerBound >= at else { return }
    keep(upTo: range.lowerBound)
    switch text[range.lowerBound] {
    case UInt8(ascii: "\\"):
      if let escape = StringForm.escape(text.span, at: range.lowerBound) {
        StringForm.encode(escape.scalar, into: &scratch)
      }
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      scratch += NumberForm.canonical(Array(text[range]))
    default: break
    }
    at = range.upperBound
  }

  /// Hands out what is left.
  mutating func finish() {
    makeEdits(through: text.count)
    keep(upTo: text.count)
    flush()
  }

  private mutating func makeEdits(through place: Int) {
    while let edit = edits.first, edit.range.lowerBound <= place {
      edits.removeFirst()
      guard edit.range.lowerBound >= at else { continue }
      keep(upTo: edit.range.lowerBound)
      scratch += edit.bytes
      at = edit.range.upperBound
    }
  }

  private mutating func keep(upTo end: Int) {
    guard end > at else { return }
    let run = UnsafeBufferPointer(rebasing: text[at..<end])
    if run.count > Self.short {
      flush()
      sink(run.span)
    } else {
      scratch.append(contentsOf: run)
      if scratch.count > Self.gathered { flush() }
    }
  }

  private mutating func flush() {
    guard !scratch.isEmpty else { return }
    sink(scratch.span)
    scratch.removeAll(keepingCapacity: true)
  }
}
