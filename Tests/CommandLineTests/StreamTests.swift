import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// Streams that take nothing: closed ones, full disks, readers that are gone.
struct StreamTests {
  private func run(
    _ program: Program, _ arguments: [String], _ redirection: String
  ) throws -> Program.Outcome {
    try Program.run(
      arguments + ["--codex-home", program.home.root.string], in: program.root,
      behind: ["/bin/sh", "-c", "\"$@\" \(redirection)", "sh"])
  }

  /// `/dev/full` is Linux's.
  private static var full: [String] {
    (try? FileStamp.of("/dev/full")) == nil ? [] : [">/dev/full", ">/dev/full 2>/dev/full"]
  }

  @Test(arguments: [">&-", ">&- 2>&-", "<&- >&- 2>&-"] + full)
  func aCommandThatDidItsWorkSaysSoByItsExitCode(_ redirection: String) throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      for arguments in [["sync", package, "--execute"], ["sync", package, "--execute", "--json"]] {
        let done = try run(program, arguments, redirection)
        #expect(done.status == 0 && done.output.isEmpty)
        if !redirection.contains("2>") { #expect(done.complaint.split(separator: "\n").count == 1) }
      }
      let id = try program.run("list-transactions", "--quiet").output.split(separator: "\n").map(String.init)
      #expect(id.count == 1)
      let undone = try run(program, ["rollback", "--latest", "--execute"], redirection)
      #expect(undone.status == 0)
      #expect(try run(program, ["packup", "--all", "--output", "none"], redirection).status == 1)
      #expect(try program.run("sidecar-health").status == 0)
    }
  }

  @Test(arguments: [">&-", "<&- >&-"] + full.prefix(1))
  func theTransactionIsNamedWhereStdoutTakesNothing(_ redirection: String) throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let done = try run(program, ["sync", package, "--execute"], redirection)
      let id = try program.run("list-transactions", "--quiet").output.dropLast()
      #expect(done.complaint.hasPrefix("note: transaction \(id) is committed; "), "\(done.complaint)")
    }
  }

  @Test(arguments: [">&-"] + full)
  func aCommandThatOnlyReportsHasFailedWhereItCannot(_ redirection: String) throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      for arguments in [
        ["inspect-package", package], ["sync", package], ["list-transactions", "--json"], ["log"],
        ["sidecar-health"],
      ] {
        let outcome = try run(program, arguments, redirection)
        #expect(outcome.status == 1, "\(arguments)")
        if !redirection.contains("2>") {
          #expect(outcome.complaint.hasPrefix("error: the report could not be written to stdout"))
        }
      }
    }
  }

  @Test func aReaderThatHadEnoughIsNoFailure() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let first = try Program.run(
        ["log", "--all", "--codex-home", program.home.root.string], in: program.root,
        behind: ["/bin/sh", "-c", "{ sleep 1; \"$@\"; echo $? >&2; } | true", "sh"])
      #expect(first.complaint == "0\n")
      let done = try Program.run(
        ["sync", package, "--execute", "--codex-home", program.home.root.string], in: program.root,
        behind: ["/bin/sh", "-c", "{ sleep 1; \"$@\"; echo $? >&2; } | true", "sh"])
      #expect(done.complaint.hasPrefix("note: transaction ") && done.complaint.hasSuffix("\n0\n"))
    }
  }

  @Test(arguments: ["2>&-", "2>/dev/full"])
  func anErrorThatCannotBeSaidKeepsItsExitCode(_ redirection: String) throws {
    try Program.play { program throws in
      #expect(try run(program, ["sync", "nothing"], redirection).status == 5)
      #expect(try run(program, ["rollback", "--latest"], redirection).status == 1)
      #expect(try run(program, ["frobnicate"], redirection).status == 64)
      #expect(try run(program, ["rollback", "--latest", "--json"], "\(redirection) >&-").status == 1)
    }
  }
}
