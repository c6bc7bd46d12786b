import Foundation

/// The two streams.
///
/// Reports go to stdout, everything else to stderr.
enum Output {
  static func line(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes + [0x0A])) }

  static func print(_ text: String) { line(Array(harmless(text).utf8)) }

  static func complain(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      DisplayWidth.harmless(String($0))
    }
    FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// What a stranger wrote (a path, a provider's name) must not speak to the terminal; our own colours may.
  private static func harmless(_ text: String) -> String {
    var parts = text.split(separator: Style.escape, omittingEmptySubsequences: false).map(String.init)
    for index in parts.indices.dropFirst() {
      let isOurs = isTerminal && Style.codes.contains { parts[index].hasPrefix($0) }
      parts[index] = (isOurs ? String(Style.escape) : " ") + DisplayWidth.harmless(parts[index])
    }
    if let first = parts.first { parts[0] = DisplayWidth.harmless(first) }
    return parts.joined()
  }

  /// Columns of the terminal; 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1
}
