/// How many columns of a terminal a text takes.
enum DisplayWidth {
  static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + of($1) } }

  /// The text as a screen may have it, cut to a width, with an ellipsis where something is missing.
  static func fit(_ text: String, _ width: Int) -> String {
    let plain = HiddenText.shown(text)
    guard of(plain) > width else { return plain }
    var cut = ""
    var used = 0
    for character in plain {
      let next = of(String(character))
      if used + next > width - 1 { break }
      cut.append(character)
      used += next
    }
    return cut + "…"
  }

  /// A thread's title cut to a width; of a branch the end stays, which tells it from its thread.
  static func fit(title: String, _ width: Int) -> String {
    let plain = HiddenText.shown(title)
    guard of(plain) > width, plain.hasSuffix(")"), let mark = plain.ranges(of: " (branch from ").last else {
      return fit(plain, width)
    }
    let end = String(plain[mark.lowerBound...])
    let room = max(width - of(end), width / 2)
    return fit(String(plain[..<mark.lowerBound]), room) + fit(end, width - room)
  }

  /// The text in lines of at most a width, broken at spaces; a word that is longer stays whole.
  static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if let last = lines.last, of(last) + 1 + of(String(word)) <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - of(text)))
  }

  /// East Asian Wide and Fullwidth by UAX #11, in blocks; combining marks and joiners take nothing.
  private static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.properties.generalCategory == .nonspacingMark
      || scalar.properties.generalCategory == .enclosingMark
      || scalar.properties.generalCategory == .format
    {
      return 0
    }
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }
}
