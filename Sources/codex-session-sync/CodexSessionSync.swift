import ArgumentParser
import DurableFiles
import Foundation
import SystemPackage

/// The root command.
@main
struct CodexSessionSync: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codex-session-sync",
    abstract: "Carry OpenAI Codex sessions between machines, again and again, without losing one.",
    discussion: """
      Packages of sessions arrive on a machine, repeatedly. Each session is recognised by its content and skipped, \
      continued, imported, or kept beside the local one as a branch. Every change is journaled and can be undone.

      Commands that change a home are dry runs until --execute; only recover is not.

      Exit codes:
      \(ExitStatus.table)
      """,
    version: Version.text,
    subcommands: [
      PackupCommand.self, InspectPackageCommand.self, SyncCommand.self, AdoptCommand.self, LogCommand.self,
      ListTransactionsCommand.self,
      ShowTransactionCommand.self, RollbackCommand.self, GcCommand.self, RecoverCommand.self,
      SidecarHealthCommand.self, RebuildSidecarCommand.self, ReplayTransactionsCommand.self,
      PruneMappingsCommand.self,
    ])

  /// Parses and runs; every failure ends with one sentence, one hint and a documented exit code.
  static func main() {
    StandardStreams.occupy()
    // What is written to a reader that is gone fails, and is dealt with where it is written.
    signal(SIGPIPE, SIG_IGN)
    let arguments = RawText.arguments
    let mistake = UsageMistake(
      arguments: arguments, commands: configuration.subcommands.compactMap { $0.configuration.commandName })
    do {
      if let failure = mistake.unknownCommand { throw failure }
      var command = try parseAsRoot(arguments)
      try command.run()
      end(.done)
    } catch let failure as Failure {
      failure.exit()
    } catch {
      let code = exitCode(for: error).rawValue
      if code == ExitStatus.usage.rawValue { mistake.failure(message(for: error)).exit() }
      // Help, a version, or the status of a command that said all that there is to say.
      let text = fullMessage(for: error)
      if !text.isEmpty { Output.line(Array(text.utf8)) }
      end(ExitStatus(rawValue: code) ?? .failed)
    }
  }

  /// Ends the program; a report that stdout did not take is a failure, but where its reader had enough of it.
  private static func end(_ status: ExitStatus) -> Never {
    guard let reason = Output.takeFailure(), reason != .brokenPipe else { status.exit() }
    Output.complain("error: the report could not be written to stdout: \(reason)")
    (status == .done ? .failed : status).exit()
  }
}
