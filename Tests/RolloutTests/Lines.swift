import CanonicalJSON
import SystemPackage
import Testing

@testable import Rollout

/// What the reader makes of one line.
struct ReadRecord {
  let kind: RecordKind
  let ordinal: Int64?
  let digest: RecordDigest

  init(_ line: [UInt8]) {
    var reader = RecordReader()
    reader.read(line.span)
    kind = reader.kind
    ordinal = reader.ordinal
    digest = reader.digest(line.span)
  }
}

/// What the reader makes of one line.
func record(_ line: [UInt8]) -> ReadRecord { ReadRecord(line) }

/// What the reader makes of one line.
func record(_ line: String) -> ReadRecord { record(Array(line.utf8)) }

/// A user's message with one text.
func userMessage(_ text: String, _ role: String = "user") -> [UInt8] {
  let content: JSONValue = [["type": "input_text", "text": .string(text)]]
  return JSONValue.object([
    .init("timestamp", "2026-11-20T10:00:00.000Z"), .init("type", "response_item"),
    .init("payload", ["type": "message", "role": .string(role), "content": content]),
  ]).bytes
}

extension RolloutRendering {
  /// Everything it writes.
  func rendered() throws -> [UInt8] {
    var output: [UInt8] = []
    let measure = try write { output += $0 }
    #expect(try measured() == measure)
    #expect(measure.size.bytes == Int64(output.count))
    return output
  }

  /// The ordinals of what it writes.
  func ordinals() throws -> [Int64?] {
    try rendered().split(separator: 0x0A).map { (try? JSONText(Array($0)))?.root["ordinal"]?.integer }
  }
}

extension RecordRewriter {
  /// The line as it is to be written, what is left out forgotten.
  func rewrite(_ line: [UInt8], kind: RecordKind) -> [UInt8] {
    var dropped = DroppedKeys()
    return rewrite(line, kind: kind, ordinal: nil, dropped: &dropped)
  }

  /// Leaves every path as it is.
  static let identity = PathMap(explicit: [], sourceHome: nil, localHome: "/home/bob")

  /// Changes nothing.
  static let none = RecordRewriter.packing

  /// Moves Alice's home to Bob's.
  static let toBob = RecordRewriter(
    paths: PathMap(explicit: [], sourceHome: "/home/alice", localHome: "/home/bob"))
}
