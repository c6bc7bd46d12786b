/// Finds the paths inside a user message's text.
enum TextSlots {
  /// The bytes between `<cwd>` and `</cwd>`, the first of each, and between every `<root>` and `</root>`.
  ///
  /// - Parameters:
  ///   - text: the spelling of a JSON string; the tags are plain ASCII in it.
  ///   - anyMessage: whether `<cwd>` counts outside an `<environment_context>` as well.
  static func ranges(in text: ArraySlice<UInt8>, anyMessage: Bool) -> [Range<Int>] {
    let isContext = find("<environment_context>", in: text) != nil
    guard isContext || anyMessage else { return [] }
    var found: [Range<Int>] = []
    if let open = find("<cwd>", in: text), let close = find("</cwd>", in: text), close > open + 5 {
      found.append((open + 5)..<close)
    }
    if isContext {
      var rest = text
      while let open = find("<root>", in: rest), let close = find("</root>", in: text[(open + 6)...]) {
        if close > open + 6 { found.append((open + 6)..<close) }
        rest = text[(close + 7)...]
      }
    }
    found.sort { $0.lowerBound < $1.lowerBound }
    return found.enumerated().filter { $0.offset == 0 || found[$0.offset - 1].upperBound <= $0.element.lowerBound }
      .map(\.element)
  }

  private static func find(_ tag: StaticString, in text: ArraySlice<UInt8>) -> Int? {
    let count = tag.utf8CodeUnitCount
    var rest = text
    while let first = rest.firstIndex(of: UInt8(ascii: "<")), first + count <= text.endIndex {
      if (0..<count).allSatisfy({ text[first + $0] == tag.utf8Start[$0] }) { return first }
      rest = rest[(first + 1)...]
    }
    return nil
  }
}
