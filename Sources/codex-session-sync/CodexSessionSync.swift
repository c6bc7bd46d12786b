import ArgumentParser

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
    let arguments = RawText.arguments
    let mistake = UsageMistake(
      arguments: arguments, commands: configuration.subcommands.compactMap { $0.configuration.commandName })
    do {
      if let failure = mistake.unknownCommand { throw failure }
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let failure as Failure {
      failure.exit()
    } catch {
      guard exitCode(for: error).rawValue == ExitStatus.usage.rawValue else { exit(withError: error) }
      mistake.failure(message(for: error)).exit()
    }
  }
}
