import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// Commands that are told to end while they wait for another run, with a package unpacked.
struct SignalTests {
  /// A `sync` that waits for the home's lock.
  private struct Waiting {
    let process = Process()
    let scratch: FilePath
    let complaint: FilePath

    init(_ program: Program, _ package: String, behind wrapper: [String] = []) throws {
      scratch = try program.root.made("tmp")
      complaint = try program.root.put("complaint", "")
      let tool = try Program.tool
      let command =
        wrapper + [
          tool, "sync", package, "--execute", "--wait", "300", "--codex-home", program.home.root.string,
        ]
      process.executableURL = URL(fileURLWithPath: command[0])
      process.arguments = Array(command.dropFirst())
      process.environment = [
        "HOME": program.root.appending("bob").string, "TMPDIR": scratch.string, "PATH": "/usr/bin:/bin",
      ]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: complaint.string))
      try process.run()
      // It unpacks before it comes to the lock.
      while process.isRunning, try !isUnpacked() { Thread.sleep(forTimeInterval: 0.01) }
    }

    private func isUnpacked() throws -> Bool {
      try Folder.names(in: scratch).contains {
        try !Folder.names(in: scratch.appending($0).appending("package")).isEmpty
      }
    }

    func end(by signal: Int32) throws -> (status: Int32, said: String, left: [String]) {
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let said = try complaint.text()
      return (process.terminationStatus, said, try Folder.names(in: scratch))
    }
  }

  /// Runs `body` with a sync that waits, because the lock is held.
  private func wait(behind wrapper: [String] = [], _ body: (Program, Waiting) throws -> Void) throws {
    try Program.play { program in
      try program.home.add(Sample.talk("one"))
      #expect(try program.run("packup", "--all", "--output", "p.tar").status == 0)
      try Folder.removeTree(program.home.root.appending("sessions"))
      let path = try program.home.root.put("session-sync/lock", "")
      guard let lock = try FileLock.acquire(path) else { throw FileError(.lock, path, .resourceBusy) }
      defer { _ = lock.path }
      let waiting = try Waiting(program, program.root.appending("p.tar").string, behind: wrapper)
      try body(program, waiting)
    }
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func aCommandThatIsToldToEndRemovesItsScratchAndSaysWhatIsLeft(_ signal: Int32, _ status: Int32) throws {
    try wait { _, waiting in
      let outcome = try waiting.end(by: signal)
      #expect(outcome.status == status && outcome.left.isEmpty)
      #expect(outcome.said == "interrupted: nothing was written\n")
    }
  }

  @Test func whatIsIgnoredByWhoeverStartedItStaysIgnored() throws {
    try wait(behind: ["/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"]) { _, waiting throws in
      kill(waiting.process.processIdentifier, SIGHUP)
      Thread.sleep(forTimeInterval: 0.5)
      #expect(waiting.process.isRunning)
      #expect(try waiting.end(by: SIGTERM).status == 143)
    }
  }

  @Test func whatAKilledRunLeftIsRemovedByTheNext() throws {
    try wait { program, waiting in
      let outcome = try waiting.end(by: SIGKILL)
      #expect(outcome.left.count == 1)
      let next = try Program.run(
        ["inspect-package", "p.tar", "--codex-home", program.home.root.string], in: program.root,
        behind: ["/usr/bin/env", "TMPDIR=\(waiting.scratch)"])
      #expect(next.status == 0)
      #expect(try Folder.names(in: waiting.scratch).isEmpty)
    }
  }

  @Test func twoRunsDoNotRemoveEachOthersScratch() throws {
    try wait { program, waiting in
      let next = try Program.run(
        ["inspect-package", "p.tar", "--codex-home", program.home.root.string], in: program.root,
        behind: ["/usr/bin/env", "TMPDIR=\(waiting.scratch)"])
      #expect(next.status == 0)
      #expect(try Folder.names(in: waiting.scratch).count == 1)
      _ = try waiting.end(by: SIGTERM)
    }
  }
}
