import ArgumentParser
import CanonicalJSON
import CodexHome
import SessionSync
import SystemPackage

struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Take a package in: skip, continue, import, or keep both sides. A dry run until --execute.",
    discussion: """
      Examples:
        codex-session-sync sync ~/monday.tar.zst
        codex-session-sync sync ~/monday.tar.zst --execute --plan sha256:…
      """)

  @OptionGroup var package: PackageOptions

  @Flag(help: "Carry the plan out.")
  var execute = false

  @Option(help: ArgumentHelp("Execute this plan or none: the digest a dry run printed.", valueName: "digest"))
  var plan: String?

  @Option(help: "Which skills of the package to take: none, or those missing here.")
  var skills: SkillPolicy = .none

  @Flag(help: "Make working folders that are missing, under the local home only.")
  var createDirectories = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  enum SkillPolicy: String, ExpressibleByArgument, CaseIterable { case none, missing }

  func run() throws {
    let home = try common.openHome()
    var options = try package.options()
    options.createsDirectories = createDirectories
    options.importsMissingSkills = skills == .missing
    let result = try common.withSurroundings(package.places(common)) { surroundings in
      try package.withPackage(common, surroundings) { package in
        let sync = Sync(home: home, package: package, options: options, surroundings: surroundings)
        return try waiting.patiently(unless: \.plan.isBusy) { () throws(SyncError) in
          execute
            ? try sync.execute(expecting: plan) : Sync.Result(planned: try sync.plan(expecting: plan))
        }
      }
    }
    defer { Output.confirm(execute ? Wording.done(by: result.transaction) : nil) }
    result.sidecarProblem.map { Output.complain(Failure($0).note) }
    if common.json {
      let report = Report.sync(
        result.plan, command: "sync", home: home.root.string, transaction: result.transaction,
        executed: execute)
      Output.line(report.bytes)
    } else if common.quiet {
      result.transaction.map(Output.print)
    } else {
      common.text(of: result.plan, transaction: result.transaction, command: execute ? nil : again)
        .lines().forEach(Output.print)
    }
    if result.plan.isBusy { throw ExitCode(ExitStatus.busy.rawValue) }
    if result.plan.isIncomplete { throw ExitCode(ExitStatus.incomplete.rawValue) }
  }

  /// The same command, to be carried out.
  private var again: String {
    let options =
      (skills == .missing ? " --skills missing" : "") + (createDirectories ? " --create-directories" : "")
    return package.command(common) + options
  }
}
