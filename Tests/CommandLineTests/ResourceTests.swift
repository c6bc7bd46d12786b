import CanonicalJSON
import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// What the program needs of the machine: room, and that nobody else is at work.
struct ResourceTests {
  @Test(.enabled(if: SmallDisk.isAvailable)) func aDiskWithoutRoomIsNoticedBeforeTheFirstWrite() throws {
    try Program.play { program in
      let long = Sample.talk(String(repeating: "many words ", count: 400_000))
      let package = try program.package("p", ThreadSample(long))
      let command = ["sync", package, "--execute", "--json", "--codex-home", program.home.root.string]
      func run(megabytes: Int) throws -> Program.Outcome {
        try Program.run(
          command, in: program.root, behind: SmallDisk.wrapper(program.home.root, megabytes: megabytes))
      }
      let refused = try run(megabytes: 5)
      #expect(refused.status == 1 && refused.json?["error"]?["code"] == "no_space", "\(refused)")
      #expect(try run(megabytes: 40).status == 99)
    }
  }

  /// Somebody else lets go while the command waits.
  @Test(arguments: [
    ["rollback", "--latest", "--execute"], ["adopt", "--execute"], ["recover"],
    ["gc", "--older-than", "0", "--execute"],
    ["rebuild-sidecar", "--execute"], ["replay-transactions-sidecar", "--execute"],
    ["prune-invalid-mappings", "--execute"],
  ])
  func eachWritingCommandWaitsForAnotherRun(_ command: [String]) throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      #expect(try program.run("sync", package, "--execute").status == 0)
      // Something for recover to do.
      try program.home.root.put("session-sync/journal/leftover/content-1", "")
      let arguments = command + ["--codex-home", program.home.root.string, "--json"]
      let lock = program.home.root.pushing("session-sync/lock")
      let holder = Process()
      holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
      holder.arguments = [lock.string, "sleep", "1"]
      try holder.run()
      while try !FileLock.isHeld(lock) { usleep(1000) }
      let refused = try Program.run(arguments, in: program.root)
      #expect(refused.status == 4 && refused.json?["error"]?["code"] == "another_run", "\(refused)")
      let done = try Program.run(arguments + ["--wait", "60"], in: program.root)
      #expect(done.status == 0, "\(done)")
      holder.waitUntilExit()
    }
  }
}
