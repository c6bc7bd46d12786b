import CanonicalJSON
import DurableFiles
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How one run of the program ended, and what it said.
public struct Outcome: Sendable {
  /// The exit code; nil where a signal ended it.
  public let status: Int32?
  /// The signal that ended it.
  public let signal: Int32?
  /// What it said on stdout.
  public let output: String
  /// What it said on stderr.
  public let complaint: String

  /// Whether somebody killed it.
  public var isKilled: Bool { signal == SIGKILL }
  /// The JSON object on stdout, if that is all there is.
  public var json: JSONValue? {
    guard output.hasSuffix("\n") else { return nil }
    return try? JSONValue(parsing: Array(output.utf8.dropLast()))
  }
  /// What the program says is wrong.
  public var code: String? { json?["error"]?["code"]?.string }

  /// One line for a report.
  public var text: String {
    let said = (complaint + output).split(separator: "\n").joined(separator: " / ").prefix(300)
    return "\(signal.map { "signal \($0)" } ?? "exit \(status ?? -1)"): \(said)"
  }
}

/// Runs programs with nothing in their environment but what is given.
public enum Child {
  /// Runs a program to its end.
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String], in folder: FilePath
  ) throws -> Outcome {
    try start(program, arguments, environment, folder, "").wait()
  }

  /// Runs a program twice at the same time.
  public static func runBoth(
    _ program: String, _ first: [String], _ second: [String], environment: [String: String],
    in folder: FilePath
  ) throws -> [Outcome] {
    let running = try [
      start(program, first, environment, folder, "-1"), start(program, second, environment, folder, "-2"),
    ]
    return try running.map { try $0.wait() }
  }

  /// A program that runs.
  private struct Running {
    let process: pid_t
    let output: FilePath
    let complaint: FilePath

    func wait() throws -> Outcome {
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

  private static func start(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ folder: FilePath,
    _ suffix: String
  ) throws -> Running {
    let (output, complaint) = (folder.appending("stdout\(suffix)"), folder.appending("stderr\(suffix)"))
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
    return Running(process: process, output: output, complaint: complaint)
  }
}
