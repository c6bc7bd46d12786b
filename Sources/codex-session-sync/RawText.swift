import Foundation
import SystemPackage

/// Texts of the command line with all their bytes.
///
/// Names of files need not be UTF-8: an archive that was unpacked with the names of another system has others. Swift
/// replaces such bytes, and the path leads nowhere, or to another file. Here each becomes a character that no text has,
/// at the end of the last private plane, and a byte again where a path is made.
enum RawText {
  private static let plane: UInt32 = 0x10FF00

  /// The words of the command line behind the program's name.
  static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { text(Array(UnsafeBufferPointer(start: $0, count: strlen($0)))) }
    }
  }

  static func text(_ word: [CChar]) -> String {
    let bytes = word.map { UInt8(bitPattern: $0) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes.makeIterator()
    var parser = UTF8.ForwardParser()
    var at = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let encoded):
        text.append(UTF8.decode(encoded))
        at += encoded.count
      case .error(let length):
        for byte in bytes[at..<(at + length)] { text.append(Unicode.Scalar(plane + UInt32(byte)) ?? "?") }
        at += length
      case .emptyInput: return String(text)
      }
    }
  }

  /// The byte that a character stands for; nil for one that stands for itself.
  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    scalar.value >= plane + 0x80 ? UInt8(scalar.value - plane) : nil
  }

  /// The bytes that a text was made of.
  static func bytes(of text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in byte(scalar).map { [$0] } ?? Array(String(scalar).utf8) }
  }

  /// The path that a text is.
  static func path(_ text: String) -> FilePath {
    FilePath(platformString: bytes(of: text).map { CChar(bitPattern: $0) } + [0])
  }
}
