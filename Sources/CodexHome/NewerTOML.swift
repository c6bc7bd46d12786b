/// TOML 1.1 in the words of TOML 1.0, which is what the parser reads.
///
/// Codex reads 1.1 in every version that was tried (0.133.0, 0.149.0, 0.163.0): an inline table over several lines, with
/// comments and a comma at its end; `\e` and `\x41` in strings; times without seconds. Nothing else differs. What is wrong
/// by both stays wrong: it is copied, and the parser says so.
struct NewerTOML {
  /// The text in TOML 1.0.
  private(set) var text: [UInt8] = []
  private let source: [UInt8]
  private var at = 0
  /// The brackets that are open, `{` or `[`.
  private var open: [UInt8] = []
  /// The last byte that was no space, and the one before, as far as a comma before `}` needs them.
  private var last: UInt8 = 0
  private var beforeLast: UInt8 = 0
  private var lastPlace = 0
  /// Where a line of the source begins in `text`.
  private var lines = [0]

  /// Rewrites a text.
  init(_ source: [UInt8]) {
    self.source = source
    while at < source.count { step() }
  }

  /// The line of the source, from 1, that a place in `text` is of; both parts from 1, columns in characters.
  func sourceLine(line: Int, column: Int) -> Int {
    var offset = 0
    for _ in 1..<max(1, line) {
      guard let end = text[offset...].firstIndex(of: Self.newline) else { break }
      offset = end + 1
    }
    var columns = max(0, column - 1)
    while columns > 0, offset < text.count, text[offset] != Self.newline {
      repeat { offset += 1 } while offset < text.count && text[offset] & 0xC0 == 0x80
      columns -= 1
    }
    return lines.lastIndex { $0 <= offset }.map { $0 + 1 } ?? 1
  }

  private static let newline = UInt8(ascii: "\n")
  private static let quotes: Set = [UInt8(ascii: "\""), UInt8(ascii: "'")]

  private var isInTable: Bool { open.last == UInt8(ascii: "{") }

  private func byte(_ offset: Int) -> UInt8 { at + offset < source.count ? source[at + offset] : 0 }

  private mutating func take(_ count: Int = 1) {
    text += source[at..<min(at + count, source.count)]
    at = min(at + count, source.count)
  }

  private mutating func step() {
    let byte = source[at]
    switch byte {
    case UInt8(ascii: "#"): comment()
    case _ where Self.quotes.contains(byte):
      note(byte)
      string(byte)
    case Self.newline,
      UInt8(ascii: "\r") where self.byte(1) == Self.newline:
      endLine()
    case UInt8(ascii: " "), UInt8(ascii: "\t"): take()
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      note(byte)
      open.append(byte)
      take()
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if byte == UInt8(ascii: "}"), isInTable { dropComma() }
      note(byte)
      open.removeLast(open.isEmpty ? 0 : 1)
      take()
    default:
      note(byte)
      isTimeWithoutSeconds ? addSeconds() : take()
    }
  }

  private mutating func note(_ byte: UInt8) {
    beforeLast = last
    last = byte
    lastPlace = text.count
  }

  /// A comma that ends a table's members; one that separates nothing stays, and is wrong.
  private mutating func dropComma() {
    let separators = [UInt8(ascii: "{"), UInt8(ascii: ",")]
    if last == UInt8(ascii: ","), !separators.contains(beforeLast) { text[lastPlace] = UInt8(ascii: " ") }
  }

  private mutating func comment() {
    while at < source.count, source[at] != Self.newline {
      // Control characters are wrong in a comment, too: the parser has to see them.
      let isControl = source[at] < 0x20 && source[at] != UInt8(ascii: "\t") || source[at] == 0x7F
      if isInTable, !isControl || source[at] == UInt8(ascii: "\r") { at += 1 } else { take() }
    }
  }

  private mutating func endLine() {
    if isInTable {
      at += source[at] == Self.newline ? 1 : 2
      text.append(UInt8(ascii: " "))
    } else {
      take(source[at] == Self.newline ? 1 : 2)
    }
    lines.append(text.count)
  }

  /// Copies a string; a basic one with its newer escapes in the older spelling.
  private mutating func string(_ quote: UInt8) {
    let isLong = byte(1) == quote && byte(2) == quote
    take(isLong ? 3 : 1)
    while at < source.count {
      switch source[at] {
      case quote where !isLong:
        return take()
      case quote where byte(1) == quote && byte(2) == quote:
        // Up to two more belong to the text.
        while byte(0) == quote { take() }
        return
      case UInt8(ascii: "\\") where quote == UInt8(ascii: "\""): escape()
      case Self.newline:
        // Nothing ends here that began properly: the parser says so.
        if !isLong { return }
        take()
        lines.append(text.count)
      default: take()
      }
    }
  }

  private mutating func escape() {
    switch byte(1) {
    case UInt8(ascii: "e"):
      text += Array(#"\u001B"#.utf8)
      at += 2
    case UInt8(ascii: "x") where Self.isHex(byte(2)) && Self.isHex(byte(3)):
      text += Array(#"\u00"#.utf8) + [byte(2), byte(3)]
      at += 4
    case Self.newline: take()
    default: take(2)
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool { Character(UnicodeScalar(byte)).isHexDigit }
  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Whether hours and minutes begin here that no seconds follow, and that are no offset from UTC.
  private var isTimeWithoutSeconds: Bool {
    guard byte(2) == UInt8(ascii: ":"), [0, 1, 3, 4].allSatisfy({ Self.isDigit(byte($0)) }),
      byte(5) != UInt8(ascii: ":"), byte(5) != UInt8(ascii: "."), !Self.isDigit(byte(5))
    else { return false }
    let before = at == 0 ? 0 : source[at - 1]
    return !Self.isDigit(before) && ![UInt8](":+-.".utf8).contains(before)
  }

  private mutating func addSeconds() {
    take(5)
    text += Array(":00".utf8)
  }
}
