/// Finds the paths inside a user message's text.
enum TextSlots {
  /// The bytes between `<cwd>` and `</cwd>`, the first of each, and between every `<root>` and `</root>` outside.
  ///
  /// What is between the first two tags decides nothing else: the transfer tool puts something new there.
  ///
  /// - Parameters:
  ///   - text: the spelling of a JSON string; the tags are plain ASCII in it.
  ///   - anyMessage: whether `<cwd>` counts outside an `<environment_context>` as well.
  static func ranges(in text: ArraySlice<UInt8>, anyMessage: Bool) -> [Range<Int>] {
    let cwd = cwd(in: text)
    let before = text[..<(cwd?.lowerBound ?? text.endIndex)]
    let behind = text[(cwd?.upperBound ?? text.endIndex)...]
    let isContext = [before, behind].contains { find("<environment_context>", in: $0) != nil }
    guard isContext || anyMessage else { return [] }
    let slot = cwd.map { [$0] } ?? []
    return isContext ? roots(in: before) + slot + roots(in: behind) : slot
  }

  private static func cwd(in text: ArraySlice<UInt8>) -> Range<Int>? {
    guard let open = find("<cwd>", in: text), let close = find("</cwd>", in: text), close > open + 5 else {
      return nil
    }
    return (open + 5)..<close
  }

  private static func roots(in text: ArraySlice<UInt8>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var rest = text
    while let open = find("<root>", in: rest), let close = find("</root>", in: rest[(open + 6)...]) {
      if close > open + 6 { found.append((open + 6)..<close) }
      rest = rest[(close + 7)...]
    }
    return found
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
