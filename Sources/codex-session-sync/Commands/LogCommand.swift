import ArgumentParser
import CanonicalJSON
import CodexHome
import Rollout
import SessionSync
import SystemPackage

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Conversations as a graph: threads, branches, and what was delivered to each.",
    discussion: """
      Without --all, those that travelled or have several threads.

      Examples:
        codex-session-sync log
        codex-session-sync log 01a20505-323f-76a3-b4ba-262d7472f4a5 --json
      """)

  @Argument(help: ArgumentHelp("The conversations that these threads are of.", valueName: "id"))
  var ids: [String] = []

  @Flag(help: "Also threads that never travelled.")
  var all = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let threads = try ids.map(PackageOptions.localID)
    let (lineages, homeWarnings) = try common.withSurroundings { surroundings in
      let log = LineageLog(home: home, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in try log.look(for: threads, all: all) }
    }
    if common.json {
      return Output.line(
        Report.log(lineages, homeWarnings: homeWarnings, home: home.root.string).bytes)
    }
    if common.quiet { return lineages.flatMap(\.threads).map(\.id.text).forEach(Output.print) }
    common.notes(homeWarnings).forEach(Output.print)
    if lineages.isEmpty { return Output.print("No conversation here travelled or has branches. See --all.") }
    LogText(lineages: lineages, now: common.now, width: Output.width, style: common.style).lines()
      .forEach(Output.print)
  }
}
