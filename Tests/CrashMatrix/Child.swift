import CanonicalJSON
import DurableFiles
import Glibc
import SyncTestSupport
import SystemPackage

/// How one run of the program ended, and what it said.
struct Outcome {
  /// The exit code; nil where a signal ended it.
  let status: Int32?
  /// The signal that ended it.
  let signal: Int32?
  let output: String
  let complaint: String

  var isKilled: Bool { signal == SIGKILL }
  /// The JSON object on stdout, if that is all there is.
  var json: JSONValue? {
    guard output.hasSuffix("\n") else { return nil }
    return try? JSONValue(parsing: Array(output.utf8.dropLast()))
  }
  /// What the program says is wrong.
  var code: String? { json?["error"]?["code"]?.string }

  /// One line for a report.
  var text: String {
    let said = (complaint + output).split(separator: "\n").joined(separator: " / ").prefix(300)
    return "\(signal.map { "signal \($0)" } ?? "exit \(status ?? -1)"): \(said)"
  }
}

/// Runs programs with nothing in their environment but what is given.
enum Child {
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String], in folder: FilePath
  ) throws -> Outcome {
    let (output, complaint) = (folder.appending("stdout"), folder.appending("stderr"))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output.string, flags, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, complaint.string, flags, 0o644)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var process = pid_t()
    let failure = posix_spawn(&process, program, &actions, nil, &words, &variables)
    guard failure == 0 else { throw Errno(rawValue: failure) }
    var ending: Int32 = 0
    while waitpid(process, &ending, 0) == -1 {
      guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
    let signal = ending & 0x7F
    return Outcome(
      status: signal == 0 ? (ending >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
      output: try output.text(), complaint: try complaint.text())
  }
}
