import CanonicalJSON
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// The built program, run as a user does, with no environment but what a test gives it.
struct Program {
  /// What a run left.
  struct Outcome {
    let status: Int32
    let output: String
    let complaint: String

    /// The one JSON object on stdout; nil where there is anything else.
    var json: JSONValue? {
      let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
      guard lines.count == 2, lines[1].isEmpty, let line = lines.first else { return nil }
      let value = try? JSONValue(parsing: Array(line.utf8))
      return value?.members == nil ? nil : value
    }
  }

  let root: FilePath
  let home: HomeBuilder

  /// Plays in a folder of its own that holds a home.
  static func play<Result>(hasCatalogue: Bool = true, _ body: (Program) throws -> Result) throws -> Result {
    try withTemporaryFolder { root in
      try root.put("bob/.keep", "")
      let home = try HomeBuilder(root.appending("home"), hasCatalogue: hasCatalogue)
      return try body(Program(root: root, home: home))
    }
  }

  /// Runs a command on the home.
  func run(_ arguments: String..., isHomeGiven: Bool = true) throws -> Outcome {
    try Self.run(arguments + (isHomeGiven ? ["--codex-home", home.root.string] : []), in: root)
  }

  /// Runs the program, or another that was built beside it.
  ///
  /// - Parameter wrapper: a command that runs the one behind it.
  static func run(
    _ arguments: [String], in folder: FilePath, behind wrapper: [String] = [], program: String? = nil
  ) throws -> Outcome {
    let process = Process()
    let command = wrapper + [try program.map(built) ?? path] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder.string)
    process.environment = [
      "HOME": folder.appending("bob").string, "TMPDIR": "/tmp", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    let (output, complaint) = (folder.appending("stdout.txt"), folder.appending("stderr.txt"))
    for file in [output, complaint] { try folder.put(file.lastComponent?.string ?? "", "") }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output.string))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaint.string))
    try process.run()
    process.waitUntilExit()
    let outcome = Outcome(
      status: process.terminationStatus, output: try output.text(), complaint: try complaint.text())
    expectPlainWords(outcome)
    if let json = outcome.json {
      let schema = try ReportSchema(repository.pushing("docs/report.schema.json"))
      #expect(schema.mistakes(in: json) == [], "\(outcome.output)")
    }
    return outcome
  }

  /// The folder of the repository.
  static let repository = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()

  /// No answer may show what the program is made of, or move the cursor of who reads it.
  private static func expectPlainWords(_ outcome: Outcome) {
    let text = outcome.output + outcome.complaint
    let innards = PlainWords.innards(of: text)
    #expect(innards == nil, "\(innards ?? "") in \(text)")
    let controls = text.unicodeScalars.filter { $0 != "\n" && $0.properties.generalCategory == .control }
    #expect(controls.isEmpty, "control characters in \(text)")
  }

  /// Where the program is: `$CODEX_SESSION_SYNC`, else beside the tests.
  static var path: String {
    get throws {
      if let given = ProcessInfo.processInfo.environment["CODEX_SESSION_SYNC"], !given.isEmpty {
        return given
      }
      return try built("codex-session-sync")
    }
  }

  /// Where the program is, for runs of another kind.
  static var tool: String { get throws { try path } }

  /// A program that was built beside the tests.
  private static func built(_ name: String) throws -> String {
    let places = [CommandLine.arguments[0]] + Bundle.allBundles.map(\.bundlePath)
    let found = places.map {
      URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent(name).path
    }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return try #require(found, "build \(name) first")
  }

  /// Writes a package of conversations in the transfer tool's form; answers its path.
  func package(_ name: String, _ samples: ThreadSample...) throws -> String {
    var builder = try PackageBuilder(root.appending(name))
    for sample in samples { try builder.add(sample) }
    return try builder.write().string
  }
}
