import ArgumentParser
import CanonicalJSON
import CodexHome
import SessionSync
import SystemPackage

struct SidecarHealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sidecar-health",
    abstract: "Check what is known of this home against what is there; writes nothing.",
    discussion: """
      Exit code 6 when something is wrong; each finding comes with its remedy.

      Examples:
        codex-session-sync sidecar-health
        codex-session-sync sidecar-health --json
      """)

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    let report = try common.withSurroundings { surroundings in
      let health = SidecarHealth(home: home, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in try health.report() }
    }
    if common.json {
      let remedies = Dictionary(
        uniqueKeysWithValues: HealthReport.Check.allCases.map { ($0, Wording.remedy($0)) })
      let answer = Report.health(report, remedies: remedies, home: home.root.string) { finding in
        Wording.remedy(finding, homes: common.shellWords)
      }
      Output.line(answer.bytes)
    } else if !common.quiet {
      describe(report)
    }
    if !report.isSound { throw ExitCode(ExitStatus.needsRecovery.rawValue) }
  }

  private func describe(_ report: HealthReport) {
    var table = Table(["CHECK", "FINDINGS"])
    for check in HealthReport.Check.allCases {
      let count = report.findings(of: check).count
      table.add([
        .init(check.rawValue),
        .init(count == 0 ? "none" : "\(count)", count == 0 ? { $0 } : common.style.red),
      ])
    }
    table.lines(common.style).forEach(Output.print)
    for check in HealthReport.Check.allCases {
      let findings = report.findings(of: check)
      if findings.isEmpty { continue }
      Output.print("")
      // One remedy may be that of many findings.
      var said: Set<String> = []
      for finding in findings {
        let paint = finding.isExpected ? common.style.yellow : common.style.red
        Output.print("\(paint(check.rawValue)) \(finding.subject): \(finding.detail)")
        guard !finding.isExpected, let remedy = Wording.remedy(finding, homes: common.shellWords),
          said.insert(remedy).inserted
        else { continue }
        Output.print("        \(common.style.dim("remedy:")) \(remedy)")
      }
    }
    Output.print("")
    if !report.deleted.isEmpty {
      let count = report.deleted.count == 1 ? "1 thread counts" : "\(report.deleted.count) threads count"
      Output.print("\(count) as deleted here; if that is wrong, rebuild-sidecar forgets it.")
    }
    Output.print(report.isSound ? "All is as it should be." : "Something is wrong: see above.")
  }
}
