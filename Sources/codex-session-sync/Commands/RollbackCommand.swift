import ArgumentParser
import CanonicalJSON
import CodexHome
import Journal
import Rollout
import SessionSync
import SystemPackage

struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Undo one transaction, and nothing that came after it. A dry run until --execute.",
    discussion: """
      Threads that went on since stay, and are named. What stayed can be undone later under the same id, with a branch \
      for the work on it.

      Examples:
        codex-session-sync rollback --latest
        codex-session-sync rollback --transaction-id 01a20505-323f-76a3-b4ba-262d7472f4a5 --execute
      """)

  @Argument(help: ArgumentHelp("The transaction's id, as with --transaction-id.", valueName: "id"))
  var id: String?

  @Flag(help: "The newest transaction that stands, in full or in part, and is no rollback.")
  var latest = false

  @Option(help: ArgumentHelp("The one with this id.", valueName: "id"))
  var transactionId: String?

  @Flag(help: "Undo later transactions that build on it along with it.")
  var cascade = false

  @Flag(help: "Make branches of threads that went on since, so that they need not stay.")
  var keepLocalWork = false

  @Flag(help: "Tell each operation too.")
  var verbose = false

  @Flag(help: "Undo it.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let choice: Rollback.Choice
    switch (latest, transactionId ?? id) {
    case (true, nil): choice = .latest
    case (false, let given?) where transactionId == nil || id == nil: choice = .id(given)
    default:
      throw Failure.usage(
        "Say which transaction: --latest or --transaction-id ID.", hint: "list-transactions shows them.")
    }
    let result = try common.withSurroundings { surroundings in
      var options = Rollback.Options()
      options.cascades = cascade
      options.keepsLocalWork = keepLocalWork
      let rollback = Rollback(home: home, options: options, surroundings: surroundings)
      do throws(SyncError) {
        return try waiting.patiently { () throws(SyncError) in
          execute ? try rollback.execute(choice) : Rollback.Result(planned: try rollback.plan(choice))
        }
      } catch {
        throw RollbackFailure(home: home, choice: choice, homes: common.shellWords).failure(error)
      }
    }
    defer { Output.confirm(execute ? Wording.done(by: result.transaction) : nil) }
    result.sidecarProblem.map { Output.complain(Failure($0).note) }
    if common.json {
      let report = Report.rollback(
        result.plan, home: home.root.string, transaction: result.transaction, executed: execute)
      Output.line(report.bytes)
    } else if common.quiet {
      result.transaction.map(Output.print)
    } else {
      common.notes(result.plan.homeWarnings).forEach(Output.print)
      RollbackText(
        plan: result.plan, transaction: result.transaction, style: common.style,
        command: again(result.plan, keepLocalWork), keepingCommand: again(result.plan, true),
        keepsLocalWork: keepLocalWork, skillFolder: home.skills, isVerbose: verbose
      ).lines().forEach(Output.print)
    }
    if !result.plan.kept.isEmpty { throw ExitCode(ExitStatus.incomplete.rawValue) }
  }

  /// The command that carries a plan out; by the id, because another transaction may be the latest by then.
  private func again(_ plan: RollbackPlan, _ keepsLocalWork: Bool) -> String {
    let how = (cascade ? " --cascade" : "") + (keepsLocalWork ? " --keep-local-work" : "")
    let id = plan.chosen?.id ?? ""
    return "codex-session-sync rollback --transaction-id \(id)\(how) --execute\(common.shellWords)"
  }
}
