import Foundation

/// The two streams.
///
/// Reports go to stdout, everything else to stderr.
enum Output {
  static func line(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes + [0x0A])) }

  static func print(_ text: String) { line(Array(text.utf8)) }

  static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let isErrorTerminal = isatty(STDERR_FILENO) == 1
}
