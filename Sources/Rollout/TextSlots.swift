/// Finds the paths inside a user message's text.
enum TextSlots {
  /// The bytes between `<cwd>` and `</cwd>`, the first of each, and between every `<root>` and `</root>` outside.
  ///
  /// What is between the first two tags decides nothing else: the transfer tool puts something new there.
  ///
  /// - Parameters:
  ///   - text: the spelling of a JSON string; the tags are plain ASCII in it.
  ///   - place: where in it to look; nil for all of it.
  ///   - anyMessage: whether `<cwd>` counts outside an `<environment_context>` as well.
  static func ranges(
    in text: Span<UInt8>, at place: Range<Int>? = nil, anyMessage: Bool
  ) -> [Range<Int>] {
    let place = place ?? 0..<text.count
    let cwd = cwd(in: text, place)
    let before = place.lowerBound..<(cwd?.lowerBound ?? place.upperBound)
    let behind = (cwd?.upperBound ?? place.upperBound)..<place.upperBound
    let isContext =
      find("<environment_context>", in: text, before) != nil
      || find("<environment_context>", in: text, behind) != nil
    guard isContext || anyMessage else { return [] }
    let slot = cwd.map { [$0] } ?? []
    return isContext ? roots(in: text, before) + slot + roots(in: text, behind) : slot
  }

  /// Whether a tag may be spelled with `\u003c` or `\u003e` or `\/`: as no program writes it that is known to.
  static func mayBeEscaped(in text: Span<UInt8>) -> Bool {
    var at = 0
    while let next = text.firstIndex(of: UInt8(ascii: "\\"), from: at, to: text.count - 1) {
      if text[next + 1] == UInt8(ascii: "u") || text[next + 1] == UInt8(ascii: "/") { return true }
      at = next + 2
    }
    return false
  }

  private static func cwd(in text: Span<UInt8>, _ place: Range<Int>) -> Range<Int>? {
    guard let open = find("<cwd>", in: text, place), let close = find("</cwd>", in: text, place),
      close > open + 5
    else { return nil }
    return (open + 5)..<close
  }

  private static func roots(in text: Span<UInt8>, _ place: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var at = place.lowerBound
    while let open = find("<root>", in: text, at..<place.upperBound),
      let close = find("</root>", in: text, (open + 6)..<place.upperBound)
    {
      if close > open + 6 { found.append((open + 6)..<close) }
      at = close + 7
    }
    return found
  }

  private static func find(_ tag: StaticString, in text: Span<UInt8>, _ place: Range<Int>) -> Int? {
    let count = tag.utf8CodeUnitCount
    var at = place.lowerBound
    while let first = text.firstIndex(of: UInt8(ascii: "<"), from: at, to: place.upperBound - count + 1) {
      if (0..<count).allSatisfy({ text[first + $0] == tag.utf8Start[$0] }) { return first }
      at = first + 1
    }
    return nil
  }
}

extension Span<UInt8> {
  fileprivate func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    var at = start
    while at < end {
      if self[at] == byte { return at }
      at += 1
    }
    return nil
  }
}
