import ArgumentParser
import CanonicalJSON
import CodexHome
import Journal
import Rollout
import SessionSync
import Sidecar
import SystemPackage

struct RebuildSidecarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild-sidecar",
    abstract: "Make the sidecar anew from transcripts and journal. A dry run until --execute.",
    discussion: """
      For a home that was restored from a backup, or a sidecar that is damaged. What was deleted here is no longer \
      known afterwards.

      Examples:
        codex-session-sync rebuild-sidecar
        codex-session-sync rebuild-sidecar --execute
      """)

  @Flag(help: "Do it.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let plan = try common.withSurroundings { surroundings in
      let rebuild = SidecarRebuild(home: home, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in
        execute ? try rebuild.execute() : try rebuild.plan()
      }
    }
    defer { Output.confirm(execute ? "the sidecar is made anew" : nil) }
    if common.json {
      return Output.line(Report.rebuild(plan, home: home.root.string, executed: execute).bytes)
    }
    if common.quiet { return }
    if !plan.isReadable { Output.print("There is no sidecar that can be read.") }
    common.notes(plan.homeWarnings).forEach(Output.print)
    for id in plan.forgotten {
      Output.print("\(common.style.yellow("note")) thread \(id) will no longer be known as deleted here")
    }
    let what = "\(plan.transactions) transactions and \(plan.threads) threads"
    Output.print(
      execute
        ? "Made anew from \(what)." : "Would be made anew from \(what). Nothing changed yet: add --execute.")
  }
}

struct ReplayTransactionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay-transactions-sidecar",
    abstract: "Take the journal into the sidecar again, in order. A dry run until --execute.",
    discussion: """
      Transactions whose effects are no longer on disk are named, and map to nothing.

      Examples:
        codex-session-sync replay-transactions-sidecar
        codex-session-sync replay-transactions-sidecar --execute --json
      """)

  @Flag(help: "Do it.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let replayed = try common.withSurroundings { surroundings in
      let replay = TransactionReplay(home: home, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in
        execute ? try replay.execute() : try replay.plan()
      }
    }
    defer { Output.confirm(execute ? "the journal is taken in" : nil) }
    if common.json {
      return Output.line(Report.replay(replayed, home: home.root.string, executed: execute).bytes)
    }
    if common.quiet { return }
    for one in replayed where !one.missing.isEmpty {
      for id in one.missing {
        Output.print(
          "\(common.style.yellow("note")) \(one.transaction.id): what it wrote for thread \(id) is gone")
      }
    }
    Output.print(
      execute
        ? "\(replayed.count) transactions taken in."
        : "\(replayed.count) transactions would be taken in. Nothing changed yet: add --execute.")
  }
}

struct PruneMappingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune-invalid-mappings",
    abstract: "Remove the mappings that sidecar-health calls invalid. A dry run until --execute.",
    discussion: """
      Examples:
        codex-session-sync prune-invalid-mappings
        codex-session-sync prune-invalid-mappings --execute
      """)

  @Flag(help: "Remove them.")
  var execute = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let result = try common.withSurroundings { surroundings in
      let pruning = MappingPruning(home: home, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in
        execute ? try pruning.execute() : try pruning.plan()
      }
    }
    defer { Output.confirm(execute ? Wording.done(by: result.transaction) : nil) }
    result.sidecarProblem.map { Output.complain(Failure($0).note) }
    if common.json {
      return Output.line(Report.pruning(result, home: home.root.string, executed: execute).bytes)
    }
    if common.quiet {
      result.transaction.map(Output.print)
      return
    }
    for mapping in result.mappings {
      Output.print("\(mapping.remoteThread) of \(mapping.origin): thread \(mapping.localThread)")
    }
    if let transaction = result.transaction {
      Output.print("Removed, as transaction \(transaction)")
    } else {
      Output.print(result.mappings.isEmpty ? "Nothing to remove." : "Nothing changed yet: add --execute.")
    }
  }
}
