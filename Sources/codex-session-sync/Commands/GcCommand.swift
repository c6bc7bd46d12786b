import ArgumentParser
import CanonicalJSON
import CodexHome
import Foundation
import Journal
import Rollout
import SessionSync
import SystemPackage

struct GcCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Forget what undoing old transactions would need. A dry run until --execute.",
    discussion: """
      Files that a rollback took out of the home, and tails that it cut off, are kept in the journal. Nothing else \
      forgets them.

      Examples:
        codex-session-sync gc --older-than 90
        codex-session-sync gc --older-than 90 --execute
      """)

  @Option(help: ArgumentHelp("Of transactions older than this.", valueName: "days"))
  var olderThan: Int

  @Flag(help: "Forget it.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard (0...100_000).contains(olderThan) else {
      throw Failure.usage(
        "--older-than \(olderThan) is no number of days.", hint: "For example --older-than 90.")
    }
    let home = try common.openHome()
    let plan = try common.withSurroundings { surroundings in
      let before = surroundings.now.moved(by: -Int64(olderThan) * 86_400_000)
      let forgetting = Forgetting(home: home, before: before, watch: surroundings.watch)
      return try waiting.patiently { () throws(SyncError) in
        execute ? try forgetting.execute() : try forgetting.plan()
      }
    }
    defer { Output.confirm(execute ? "\(Wording.bytes(plan.bytes)) are forgotten" : nil) }
    if common.json {
      Output.line(Report.forgetting(plan, home: home.root.string, executed: execute).bytes)
    } else if common.quiet {
      plan.transactions.map(\.transaction.id).forEach(Output.print)
    } else if plan.transactions.isEmpty {
      Output.print("Nothing that old is kept.")
    } else {
      var table = Table(["TRANSACTION", "WHEN (UTC)", "COMMAND", "KEEPS", "WHAT"])
      for (transaction, kept) in plan.transactions {
        table.add([
          .init(transaction.id), .init(String(transaction.createdAt.prefix(16))), .init(transaction.command),
          .init(Wording.bytes(kept)), .init(Wording.what(transaction)),
        ])
      }
      table.lines(common.style).forEach(Output.print)
      Output.print("")
      Output.print(
        execute
          ? "Forgotten: \(Wording.bytes(plan.bytes)). These can no longer be undone: what a rollback took away stays away."
          : "Nothing is forgotten yet: add --execute. These can then no longer be undone: what a rollback took away stays "
            + "away.")
    }
  }
}
