import SystemPackage

/// Words of a command line that a person copies.
///
/// What a word is made of may be a stranger's, a file's name above all: whatever it is, the shell (bash, zsh, ksh) reads
/// back exactly these bytes and runs none of them.
enum ShellWord {
  /// A word as a shell reads it back; bytes that are no text come back as they were given.
  static func quoted(_ word: String) -> String { quoted(RawText.bytes(of: word)) }

  /// A path as a shell reads it back, also where its name is no text.
  static func quoted(_ path: FilePath) -> String {
    path.withPlatformString {
      quoted(UnsafeBufferPointer(start: $0, count: path.length).map { UInt8(bitPattern: $0) })
    }
  }

  /// As it is where all of it is on a list of plain ASCII; in single quotes where all of it can be seen; else as
  /// `$'…'`, so that no newline runs the rest, and no character that cannot be seen is copied or lost.
  private static func quoted(_ word: [UInt8]) -> String {
    if word.first.map({ $0 != UInt8(ascii: "=") }) == true, word.allSatisfy(isPlain) {
      return String(decoding: word, as: UTF8.self)
    }
    let pieces = pieces(of: word)
    if pieces.contains(where: \.isEscaped) { return "$'\(pieces.map(\.inDollarQuotes).joined())'" }
    return "'\(pieces.map { $0.bytes == [UInt8(ascii: "'")] ? #"'\''"# : $0.text }.joined())'"
  }

  /// One character, or one byte that is part of none.
  private struct Piece {
    let bytes: [UInt8]
    let isEscaped: Bool

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var inDollarQuotes: String {
      switch bytes {
      case [0x0A]: #"\n"#
      case [0x09]: #"\t"#
      case [UInt8(ascii: "'")]: #"\'"#
      case [UInt8(ascii: "\\")]: #"\\"#
      case _ where isEscaped: bytes.map(Self.escape).joined()
      default: text
      }
    }

    /// Two digits always: one that follows is not taken for a third.
    private static func escape(_ byte: UInt8) -> String {
      #"\x"# + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
  }

  private static func pieces(of word: [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    var at = 0
    while at < word.count {
      let scalar = (1...4).lazy.compactMap { length -> (Unicode.Scalar, Int)? in
        guard at + length <= word.count,
          let text = String(validating: word[at..<(at + length)], as: UTF8.self),
          let scalar = text.unicodeScalars.first
        else { return nil }
        return (scalar, length)
      }.first
      let length = scalar?.1 ?? 1
      pieces.append(
        Piece(
          bytes: Array(word[at..<(at + length)]), isEscaped: scalar.map { HiddenText.isHidden($0.0) } ?? true)
      )
      at += length
    }
    return pieces
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-=:,@+".utf8.contains(byte)
    }
  }
}

extension CommonOptions {
  /// The homes, as they would be typed again behind a command; empty where none was given.
  var shellWords: String {
    [("--codex-home", codexHome), ("--local-home", localHome)].compactMap { option, value in
      value.map { " \(option) \(ShellWord.quoted($0))" }
    }.joined()
  }

  /// A remedy, with the homes where it is one of our commands.
  func withHomes(_ remedy: String) -> String {
    remedy.hasPrefix("codex-session-sync ") ? remedy + shellWords : remedy
  }
}
