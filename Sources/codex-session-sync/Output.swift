import DurableFiles
import Foundation
import Synchronization
import SystemPackage

/// The two streams.
///
/// Reports go to stdout, everything else to stderr. A stream that takes no more, because it was closed, its reader is
/// gone or its disk is full, never ends the program: what was done is done.
enum Output {
  /// Why stdout took no more; what comes after the first failure would be a report with a hole in it.
  private static let failure = Mutex<Errno?>(nil)

  /// Says an answer, one JSON object.
  static func line(_ json: [UInt8]) { write(HiddenText.escaped(json)) }

  static func print(_ text: String) { write(Array(harmless(text).utf8)) }

  static func complain(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      HiddenText.shown(String($0))
    }
    draw(lines.joined(separator: "\n") + "\n")
  }

  /// Writes to stderr what is no line: a bar that moves.
  static func draw(_ text: String) { _ = StandardStreams.write(Array(text.utf8), to: .error) }

  /// Ends the report of a command that changed something: where stdout did not take it, stderr is told what was done,
  /// and the exit code remains that of the work.
  ///
  /// - Parameter done: nil where nothing was changed: the report was all that there was to do.
  static func confirm(_ done: String?) {
    guard let done, let reason = takeFailure() else { return }
    complain("note: \(done); the report could not be written to stdout: \(reason)")
  }

  /// Why stdout took no more, asked for once; nil where it took all.
  static func takeFailure() -> Errno? {
    failure.withLock { failure in
      defer { failure = nil }
      return failure
    }
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

  private static func write(_ bytes: [UInt8]) {
    failure.withLock { failure in
      if failure == nil { failure = StandardStreams.write(bytes + [0x0A], to: .output) }
    }
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
