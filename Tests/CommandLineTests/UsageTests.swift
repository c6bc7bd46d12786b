import CanonicalJSON
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct UsageTests {
  private static let commands = [
    "packup", "inspect-package", "sync", "adopt", "log", "list-transactions", "show-transaction", "rollback",
    "gc", "recover", "sidecar-health", "rebuild-sidecar", "replay-transactions-sidecar",
    "prune-invalid-mappings",
  ]
  private static let mistakes: [[String]] = [
    ["frobnicate"], ["sync"], ["sync", "p", "--frobnicate"], ["packup", "--all"],
    ["packup", "--output", "x"],
    ["packup", "--all", "--cwd", "/x", "--output", "x"], ["rollback"],
    ["rollback", "--latest", "--transaction-id", "x"],
    ["sync", "p", "--map", "relative=/x"], ["sync", "p", "--map", "/x"], ["sync", "p", "--only", "no-id"],
    ["sync", "p", "--on-collision", "perhaps"], ["packup", "--all", "--output", "x", "--since", "yesterday"],
    ["list-transactions", "--limit", "many"], ["list-transactions", "--limit", "-1"],
    ["list-transactions", "--limit=-1"],
    ["sync", "p", "--wait", "-5"],
    ["show-transaction"], ["recover", "extra"], ["packup", "--thread", "no-id", "--output", "x"],
    ["packup", "--all", "--output", "x", "--since", "2026-13-01"],
  ]

  @Test(arguments: mistakes)
  func aMistakeIsOneErrorAndExit64(_ arguments: [String]) throws {
    try Program.play(hasCatalogue: false) { program in
      let home = ["--codex-home", program.home.root.string]
      let json = try Program.run(
        arguments + ["--json"] + (arguments == ["frobnicate"] ? [] : home), in: program.root)
      #expect(json.status == 64)
      #expect(
        json.json?["schema"] == "codex-session-sync/1" && json.json?["error"]?["code"] == "usage",
        "\(json.output)")
      #expect(json.complaint.isEmpty)
      #expect(json.json?["error"]?["message"]?.string?.isEmpty == false)
      #expect(json.json?["error"]?["hint"]?.string?.isEmpty == false)
      let human = try Program.run(arguments + (arguments == ["frobnicate"] ? [] : home), in: program.root)
      #expect(human.status == 64 && human.output.isEmpty && !human.complaint.isEmpty)
    }
  }

  @Test(arguments: commands)
  func theHelpOfEachCommandHasTwoExamples(_ command: String) throws {
    try Program.play(hasCatalogue: false) { program in
      let help = try Program.run([command, "--help"], in: program.root)
      #expect(help.status == 0 && help.complaint.isEmpty)
      let examples = help.output.split(separator: "\n").filter {
        $0.drop { $0 == " " }.hasPrefix("codex-session-sync \(command)")
      }
      #expect(examples.count >= 2, "\(help.output)")
      for option in ["--codex-home", "--local-home", "--json", "--quiet", "--no-color"] {
        #expect(help.output.contains(option), "\(option)")
      }
    }
  }

  @Test func theRootSaysWhatThereIs() throws {
    try Program.play(hasCatalogue: false) { program in
      let help = try Program.run(["--help"], in: program.root)
      for command in Self.commands { #expect(help.output.contains(command), "\(command)") }
      let version = try Program.run(["--version"], in: program.root)
      #expect(version.status == 0 && version.output.contains("codex-session-sync/1"))
    }
  }

  @Test func aliasesAndEnvironmentAreUnderstood() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let outcome = try program.run("inspect-package", package, "--remote-home", "/home/carol", "--json")
      #expect(outcome.json?["sessions"]?.array?.first?["cwd"]?["local"] == "/home/carol/project")
      #expect(outcome.json?["codex_home"]?.string == program.home.root.string)
    }
  }
}
