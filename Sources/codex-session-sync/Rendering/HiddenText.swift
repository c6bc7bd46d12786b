/// Characters that a terminal obeys, or shows nothing for: what a stranger's text must not bring to a screen as it is.
///
/// A name with one in it looks like another name, a line with one reads in another order than it says (U+202E), and
/// the tag characters of U+E0000 carry whole sentences that only a program reads.
enum HiddenText {
  /// Whether a character is a control, or one that is not to be seen.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    // The braille pattern without a dot is the one blank symbol that counts as a visible one.
    default: return scalar.properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}"
    }
  }

  /// The text as a screen may have it, on one line.
  ///
  /// A space for each character that moves the cursor; nothing for those that only join what is beside them, as in an
  /// emoji of several; every other hidden one by its number, `\u{202e}`.
  static func shown(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if !isHidden(scalar) {
        shown.append(scalar)
      } else if isMoving(scalar) {
        shown.append(" ")
      } else if !isJoining(scalar) {
        shown.append(contentsOf: #"\u{\#(String(scalar.value, radix: 16))}"#.unicodeScalars)
      }
    }
    return String(shown)
  }

  /// JSON whose hidden characters are spelled as escapes (`\u202e`): every value stays exactly what it is, and a
  /// terminal that it is printed on gets none of them.
  ///
  /// - Parameter json: a text as `JSONValue.bytes` makes it.
  static func escaped(_ json: [UInt8]) -> [UInt8] {
    if json.allSatisfy({ $0 < 0x7F }) { return json }
    var escaped: [UInt8] = []
    escaped.reserveCapacity(json.count)
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      if scalar.value >= 0x7F, isHidden(scalar) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          escaped += (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).utf8
        }
      } else {
        escaped += String(scalar).utf8
      }
    }
    return escaped
  }

  private static func isMoving(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }

  /// Joiners (Persian and Indic words, emoji) and the selectors of a glyph's form.
  private static func isJoining(_ scalar: Unicode.Scalar) -> Bool {
    (0x200C...0x200D).contains(scalar.value) || (0xFE00...0xFE0F).contains(scalar.value)
  }
}
