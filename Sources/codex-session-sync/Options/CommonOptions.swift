import ArgumentParser
import CodexHome
import DurableFiles
import Foundation
import Rollout
import SessionSync
import SystemPackage

/// Options of every command, and the one place where environment, clock and chance are read.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The Codex home.", discussion: "Default: $CODEX_HOME, else ~/.codex.", valueName: "dir"),
    completion: .directory)
  var codexHome: String?

  @Option(
    name: [.long, .customLong("remote-home")],
    help: ArgumentHelp("Where localised paths lead.", discussion: "Default: $HOME.", valueName: "dir"),
    completion: .directory)
  var localHome: String?

  @Flag(help: "Answer with one JSON object on stdout.")
  var json = false

  @Flag(help: "Say nothing but errors and, where there are any, ids.")
  var quiet = false

  @Flag(help: "No colours, even on a terminal.")
  var noColor = false

  private var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The home folder that localised paths lead to.
  var userHome: String { absolute(localHome ?? "~").string }

  /// The Codex home as a path.
  var homePath: FilePath {
    absolute(codexHome ?? environment["CODEX_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "~/.codex")
  }

  var style: Style {
    Style(isColoured: Output.isTerminal && !noColor && environment["NO_COLOR", default: ""].isEmpty)
  }

  /// The report of a plan for people.
  func text(of plan: SyncPlan, transaction: String? = nil, command: String?) -> SyncText {
    SyncText(
      plan: plan, transaction: transaction, style: style, now: now, width: Output.width, homes: shellWords,
      command: command)
  }

  /// What of the home a person should know of, a line each; of what there may be a thousand of, one for all.
  func notes(_ warnings: [HomeWarning]) -> [String] {
    Wording.sentences(warnings).map { "\(style.yellow("note")) \($0)" }
  }

  /// The time of the command.
  var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

  /// Opens the home.
  func openHome() throws -> CodexHome {
    let sqliteHome = environment["CODEX_SQLITE_HOME"].flatMap { $0.isEmpty ? nil : absolute($0) }
    do throws(CodexHomeError) {
      return try CodexHome(homePath, sqliteHome: sqliteHome, userHome: absolute("~"), system: "/etc/codex")
    } catch {
      throw Failure(SyncError.home(error))
    }
  }

  /// A path of the command line, from the working directory where it is relative.
  func absolute(_ path: String) -> FilePath {
    let own = environment["HOME"] ?? NSHomeDirectory()
    let expanded = path == "~" || path.hasPrefix("~/") ? own + path.dropFirst() : path
    let given = RawText.path(expanded)
    return (given.isAbsolute ? given : Self.workingFolder.pushing(given)).withoutParents
  }

  private static var workingFolder: FilePath {
    guard let found = getcwd(nil, 0) else { return FilePath(FileManager.default.currentDirectoryPath) }
    defer { free(found) }
    return FilePath(platformString: found)
  }

  /// Runs `body` with the world as it is now, and a scratch folder that is gone afterwards, also where a signal ends
  /// the program.
  ///
  /// - Parameter places: what the command reads and writes beside the home, for words about what fails.
  func withSurroundings<Result>(
    _ places: [Place] = [], _ body: (Surroundings) throws -> Result
  ) throws -> Result {
    let bar = ProgressBar(isShown: Output.isErrorTerminal && !quiet && !json)
    let supervisor = Supervisor(homes: shellWords, clearScreen: { bar.finish() })
    supervisor.begin()
    let scratch = try scratchFolder()
    supervisor.willUse(scratch)
    defer {
      supervisor.pass()
      supervisor.end()
      bar.finish()
    }
    let surroundings = Surroundings(
      localHome: userHome, scratch: scratch.path,
      now: now,
      entropy: { (0..<16).map { _ in UInt8.random(in: .min ... .max) } },
      machine: ProcessInfo.processInfo.hostName, userHome: absolute("~").string, progress: { bar.show($0) },
      watch: supervisor)
    do {
      return try body(surroundings)
    } catch let error as SyncError {
      let known = [Place(side: .home, path: homePath), Place(side: .scratch, path: scratch.path)]
      throw Failure(error).naming(places + known)
    }
  }

  private func scratchFolder() throws -> ScratchFolder {
    let given = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    do throws(FileError) {
      let folder = absolute(given)
      try Folder.create(folder)
      return try ScratchFolder(in: folder, id: UUID().uuidString)
    } catch {
      throw Failure(
        code: "no_scratch_folder", message: "No temporary folder can be made in \(given).",
        hint: "Set TMPDIR to a folder that can be written; in a sandbox, run this outside of it.",
        status: .failed)
    }
  }
}
