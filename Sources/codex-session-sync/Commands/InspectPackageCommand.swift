import ArgumentParser
import CanonicalJSON
import CodexHome
import Lineage
import SessionSync
import SystemPackage

struct InspectPackageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect-package",
    abstract: "Say what a package would do here. Writes nothing at all.",
    discussion: """
      Examples:
        codex-session-sync inspect-package ~/monday.tar.zst
        codex-session-sync inspect-package /media/stick/shop --map /Users/ann/work=/home/ann/work --json
      """)

  @OptionGroup var package: PackageOptions
  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let options = try package.options()
    let plan = try common.withSurroundings(package.places(common)) { surroundings in
      try package.withPackage(common, surroundings) { package in
        let sync = Sync(home: home, package: package, options: options, surroundings: surroundings)
        return try waiting.patiently { () throws(SyncError) in try sync.plan() }
      }
    }
    if common.json {
      Output.line(
        Report.sync(
          plan, command: "inspect-package", home: home.root.string, transaction: nil, executed: false
        ).bytes)
    } else if !common.quiet {
      common.text(of: plan, command: package.command(common)).lines().forEach(Output.print)
    }
    if plan.isIncomplete { throw ExitCode(ExitStatus.incomplete.rawValue) }
  }
}

extension SyncPlan {
  /// Whether some session is blocked, or collided and is left out.
  var isIncomplete: Bool {
    sessions.contains {
      $0.action == .blocked || $0.classification == .idCollisionUnrelated && $0.action == .skip
    }
  }

  /// Whether busy threads are all that is in the way, and nothing else is to be done.
  var isBusy: Bool {
    isEmpty && isIncomplete
      && sessions.allSatisfy { $0.action != .blocked || $0.blockers.contains { $0.code == .busy } }
      && sessions.contains { $0.action == .blocked }
  }
}
