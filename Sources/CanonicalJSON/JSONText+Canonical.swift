/// A change made while the canonical form is written.
public enum CanonicalEdit: Sendable {
  /// Leaves the member out, key and value.
  case drop
  /// Writes these bytes in the value's place.
  case replace([UInt8])
}

extension JSONText {
  /// The text as Codex itself would write it: no space between values, one spelling for each string and
  /// number, key order and duplicate keys kept.
  ///
  /// - Parameter edits: by the value they apply to; for digests, which leave out or mask some values.
  public func canonical(edits: [(JSONCursor, CanonicalEdit)] = []) -> [UInt8] {
    if isCanonical && edits.isEmpty { return bytes }
    var writer = CanonicalWriter(text: self, edits: edits)
    writer.write(0)
    return writer.output
  }
}

private struct CanonicalWriter {
  let text: JSONText
  let edits: [Int: CanonicalEdit]
  var output: [UInt8] = []

  init(text: JSONText, edits: [(JSONCursor, CanonicalEdit)]) {
    self.text = text
    self.edits = Dictionary(edits.map { ($0.0.index, $0.1) }, uniquingKeysWith: { first, _ in first })
    output.reserveCapacity(text.bytes.count)
  }

  mutating func write(_ index: Int) {
    if case .replace(let bytes) = edits[index] {
      output += bytes
      return
    }
    let node = text.nodes[index]
    let raw = text.bytes[Int(node.start)..<Int(node.end)]
    switch node.kind {
    case .object: children(of: index, open: "{", close: "}", width: 2)
    case .array: children(of: index, open: "[", close: "]", width: 1)
    case .string:
      if text.isCanonical {
        output += raw
      } else {
        output.append(0x22)
        StringForm.rewrite(raw.dropFirst().dropLast(), of: text.bytes, into: &output)
        output.append(0x22)
      }
    case .number:
      let isInteger = !raw.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
      output += text.isCanonical ? Array(raw) : NumberForm.canonical(raw, isInteger: isInteger)
    case .true, .false, .null: output += raw
    }
  }

  private mutating func children(of index: Int, open: Unicode.Scalar, close: Unicode.Scalar, width: Int) {
    output.append(UInt8(ascii: open))
    var at = index + 1
    var first = true
    while at < text.nodes[index].next {
      let value = at + width - 1
      let next = Int(text.nodes[value].next)
      if case .drop = edits[value] {
        at = next
        continue
      }
      if !first { output.append(UInt8(ascii: ",")) }
      first = false
      if width == 2 {
        write(at)
        output.append(UInt8(ascii: ":"))
      }
      write(value)
      at = next
    }
    output.append(UInt8(ascii: close))
  }
}
