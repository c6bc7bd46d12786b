import DurableFiles
import Foundation
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct FileLockTests {
  /// Takes the lock and gives it back at once, if it can be had.
  private func isFree(_ path: FilePath) throws -> Bool {
    guard let lock = try FileLock.acquire(path) else { return false }
    return lock.path == path
  }

  private func whileHolding(_ path: FilePath, _ body: () throws -> Void) throws {
    let lock = try FileLock.wait(path)
    try body()
    _ = consume lock
  }

  @Test func isHeldByOneAtATime() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("lock")
      try whileHolding(path) { () throws in
        #expect(try FileLock.isHeld(path))
        #expect(try !isFree(path))
      }
      #expect(try !FileLock.isHeld(path))
      #expect(try isFree(path))
    }
  }

  @Test func lookingCreatesNothing() throws {
    try withTemporaryFolder { folder throws in
      #expect(try !FileLock.isHeld(folder.appending("lock")))
      #expect(try Folder.names(in: folder).isEmpty)
    }
  }

  @Test func followsNoSymbolicLink() throws {
    try withTemporaryFolder { folder in
      try symlink(folder.appending("lock"), to: "elsewhere")
      #expect(refusal { () throws(FileError) in _ = try FileLock.acquire(folder.appending("lock")) } != nil)
      #expect(try Folder.names(in: folder) == ["lock"])
    }
  }

  @Test func lookingAtAFIFODoesNotWait() throws {
    try withTemporaryFolder { folder in
      try fifo(folder.appending("lock"))
      #expect(try !FileLock.isHeld(folder.appending("lock")))
    }
  }

  @Test(.timeLimit(.minutes(1))) func isRespectedBetweenProcesses() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("lock")
      let process = Process()
      let input = Pipe()
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "command -v flock >/dev/null || exit 127; exec 9>\"$1\"; flock 9; echo held; read line", "sh",
        path.string,
      ]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      let held = output.fileHandleForReading.availableData
      // Machines without the `flock` program (macOS) have the test between two descriptors only.
      if held.isEmpty { return process.waitUntilExit() }
      #expect(try FileLock.isHeld(path))
      #expect(try !isFree(path))
      try input.fileHandleForWriting.close()
      try whileHolding(path) {}
      process.waitUntilExit()
    }
  }
}
