import ArgumentParser
import CanonicalJSON
import DurableFiles
import Foundation
import SessionSync

/// A command that failed: what is said of it, and how the program ends.
struct Failure: Error {
  let code: String
  var message: String
  var hint: String
  let status: ExitStatus
  /// The file operation that failed, where it was one.
  var file: FileError?
  var isJSON = false

  /// The code of a failure that passes when somebody lets go of a database.
  static let databaseBusy = "database_busy"

  /// A command line that makes no sense.
  static func usage(_ message: String, hint: String = "See --help.") -> Failure {
    Failure(code: "usage", message: message, hint: hint, status: .usage)
  }

  /// The failure of something that the command's work does not depend on.
  var note: String { "note: \(HiddenText.shown(message))\n\(HiddenText.shown(hint))" }

  /// Says it on stderr, or as JSON on stdout, and ends the program.
  func exit() -> Never {
    if isJSON || CommandLine.arguments.contains("--json") {
      Output.line(Report.failure(code: code, message: message, hint: hint).bytes)
    } else {
      // A name with a newline in it makes no line of its own.
      Output.complain(HiddenText.shown("error: \(message)"))
      if !hint.isEmpty { Output.complain(HiddenText.shown("hint: \(hint)")) }
    }
    status.exit()
  }
}
