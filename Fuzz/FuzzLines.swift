import CanonicalJSON
import DurableFiles

@testable import Rollout

/// Splits made-up bytes into lines, and holds what one pass finds in each line against what a tree of it says.
///
/// The first two bytes decide about the steps in which the rest is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLines(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let stream = Array(UnsafeBufferPointer(start: data, count: count))
  let text = Array(stream.dropFirst(2))
  var buffer = LineBuffer(step: Int(stream[1]) + 1)
  var reader = RecordReader()
  var expected = text.split(separator: 0x0A, omittingEmptySubsequences: false)
  let rest = expected.removeLast()
  var at = 0
  var lines = 0
  var hasMore = true
  while hasMore {
    hasMore = buffer.advance { memory in
      let step = min(Int(stream[0]) + 1, text.count - at, memory.count)
      memory.copyBytes(from: text[at..<(at + step)])
      at += step
      return step
    } _: { line in
      hold(lines < expected.count, "one line too many")
      hold(line.withUnsafeBufferPointer { $0.elementsEqual(expected[lines]) }, "another line")
      check(line, &reader)
      lines += 1
      return true
    }
  }
  hold(lines == expected.count, "a line is missing")
  hold(buffer.withRest { $0.withUnsafeBufferPointer { $0.elementsEqual(rest) } }, "another rest")
  return 0
}

/// What the reader finds is what a tree says, whatever line was read before.
private func check(_ line: Span<UInt8>, _ reader: inout RecordReader) {
  reader.read(line)
  let bytes = line.withUnsafeBufferPointer { Array($0) }
  var found: [UInt8] = []
  reader.canonical(line) { piece in piece.withUnsafeBufferPointer { found += $0 } }
  guard let root = (try? JSONText(bytes))?.root else {
    let isText = String(validating: bytes, as: UTF8.self) != nil
    hold(reader.kind == (isText ? .notJSON : .notUTF8) && reader.ordinal == nil, "taken for JSON")
    hold(found == [0] + bytes, "another form of a line that is not JSON")
    return
  }
  hold(
    reader.kind == RecordKind(type: root["type"]?.string, event: root["payload"]?["type"]?.string),
    "another kind")
  hold(reader.ordinal == nil || reader.ordinal == root["ordinal"]?.integer, "another ordinal")
  // Which of several ordinals go is no matter here.
  let isOdd = root.members.count { $0.key.string == "ordinal" } > 1
  if reader.kind.isHistory, !isOdd { hold(found == masked(root, reader.kind), "another form") }
}

/// The masked form of a history record, made by way of the tree.
private func masked(_ root: JSONCursor, _ kind: RecordKind) -> [UInt8]? {
  guard let text = try? JSONText(Array(root.rawBytes)) else { return nil }
  var splice = JSONSplice(text)
  splice.remove("ordinal", from: text.root)
  if kind == .responseItem, let payload = text.root["payload"] {
    for cursor in RecordMask.userTexts(payload) {
      guard let form = (try? JSONText(Array(cursor.rawBytes)))?.canonical else { return nil }
      var output: [UInt8] = []
      var at = 0
      for slot in TextSlots.ranges(in: form.span, anyMessage: true) {
        output += form[at..<slot.lowerBound] + [0x01]
        at = slot.upperBound
      }
      splice.replace(cursor.range, with: output + form[at...])
    }
  }
  if kind == .compacted, let payload = text.root["payload"], payload.kind == .object {
    let kept = payload.members.filter { $0.value.kind != .null }
    let members = kept.map { Array($0.key.rawBytes) + [0x3A] + Array($0.value.rawBytes) }
    let object = [UInt8(ascii: "{")] + Array(members.joined(separator: [0x2C])) + [UInt8(ascii: "}")]
    guard let form = (try? JSONText(object))?.canonical else { return nil }
    splice.replace(payload.range, with: form)
  }
  return splice.canonical
}

private func hold(_ claim: Bool, _ complaint: StaticString) {
  if !claim { fatalError("\(complaint)") }
}
