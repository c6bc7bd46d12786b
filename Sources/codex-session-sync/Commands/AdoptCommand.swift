import ArgumentParser
import CanonicalJSON
import CodexHome
import Rollout
import SessionSync
import SystemPackage

struct AdoptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Take sessions that codex-session-transfer installed into lineages. A dry run until --execute.",
    discussion: """
      No transcript changes. Where Codex would not list or resume a session as that tool left it, its entry in the \
      catalogue is mended. sync does so by itself with sessions that it meets.

      Examples:
        codex-session-sync adopt
        codex-session-sync adopt 01a20505-323f-76a3-b4ba-262d7472f4a5 --execute
      """)

  @Argument(
    help: ArgumentHelp(
      "These sessions; without any, all that the transfer tool's journal names.", valueName: "id"))
  var ids: [String] = []

  @Flag(help: "Adopt them.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let threads = try ids.map(PackageOptions.localID)
    let result = try common.withSurroundings { surroundings in
      let adopt = Adopt(home: home, threads: threads, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in
        execute ? try adopt.execute() : Adopt.Result(planned: try adopt.plan())
      }
    }
    defer { Output.confirm(execute ? Wording.done(by: result.transaction) : nil) }
    result.sidecarProblem.map { Output.complain(Failure($0).note) }
    if common.json {
      let report = Report.adopt(
        result.plan, home: home.root.string, transaction: result.transaction, executed: execute)
      Output.line(report.bytes)
    } else if common.quiet {
      result.transaction.map(Output.print)
    } else {
      describe(result)
    }
    if !result.plan.blocked.isEmpty { throw ExitCode(ExitStatus.incomplete.rawValue) }
  }

  private func describe(_ result: Adopt.Result) {
    let plan = result.plan
    if !plan.isEmpty {
      var table = Table(["SESSION", "TITLE", "MENDED"])
      for adoption in plan.adoptions {
        table.add([
          .init(adoption.thread.text), .init(DisplayWidth.fit(title: adoption.title, 40)),
          .init((adoption.columns.members ?? []).map(\.key).joined(separator: ", ")),
        ])
      }
      table.lines(common.style).forEach(Output.print)
      Output.print("")
    }
    for blocked in plan.blocked {
      Output.print("\(common.style.red("blocked")) \(blocked.thread): \(Wording.sentence(blocked.blocker))")
    }
    common.notes(plan.homeWarnings).forEach(Output.print)
    if let transaction = result.transaction {
      Output.print("Adopted, as transaction \(transaction)")
      Output.print(
        "Undo it: codex-session-sync rollback --transaction-id \(transaction) --execute\(common.shellWords)")
    } else if plan.isEmpty {
      Output.print("Nothing to adopt.")
    } else {
      Output.print("Nothing changed yet: add --execute.")
    }
  }
}
