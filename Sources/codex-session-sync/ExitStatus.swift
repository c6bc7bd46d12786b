import Foundation

/// What the program's exit codes mean; scripts and agents rely on them.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case failed = 1
  case incomplete = 3
  case busy = 4
  case refused = 5
  case needsRecovery = 6
  case usage = 64
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// The meaning, as help and documents say it.
  var meaning: String {
    switch self {
    case .done: "done, or nothing to do; a preserved divergence is success"
    case .failed: "failed; nothing changed, or what changed was undone"
    case .incomplete:
      "done, but some sessions were blocked or collided, or some threads of a rollback had to stay"
    case .busy: "busy: another run, or Codex, holds what all of the work needs; nothing written"
    case .refused: "package refused: malformed, hostile, over a limit; nothing written"
    case .needsRecovery: "the state needs recovery or repair first"
    case .usage: "the command line was not understood"
    case .hungUp: "the terminal was closed: what state was left is said, the next run settles it"
    case .interrupted: "interrupted (Ctrl-C): likewise"
    case .terminated: "told to end (SIGTERM): likewise"
    }
  }

  /// All of them, a line each.
  static let table = allCases.map { status in
    let code = "\(status.rawValue)"
    return "  \(code)\(String(repeating: " ", count: 5 - code.count))\(status.meaning)"
  }.joined(separator: "\n")

  /// Ends the program.
  func exit() -> Never { Foundation.exit(rawValue) }
}
