import Foundation

/// The two streams.
///
/// Reports go to stdout, everything else to stderr.
enum Output {
  /// Says an answer, one JSON object.
  static func line(_ json: [UInt8]) { write(HiddenText.escaped(json)) }

  static func print(_ text: String) { write(Array(harmless(text).utf8)) }

  static func complain(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      HiddenText.shown(String($0))
    }
    FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// What a stranger wrote (a path, a provider's name) must not speak to the terminal; our own colours may.
  private static func harmless(_ text: String) -> String {
    let parts = text.unicodeScalars.split(separator: Style.escape, omittingEmptySubsequences: false)
    return parts.enumerated().map { index, part in
      let shown = HiddenText.shown(String(part))
      if index == 0 { return shown }
      let isOurs = isTerminal && Style.codes.contains { shown.hasPrefix($0) }
      return (isOurs ? String(Style.escape) : " ") + shown
    }.joined()
  }

  private static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes + [0x0A])) }

  /// Columns of the terminal; 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1
}
