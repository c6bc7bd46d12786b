import Foundation
import SystemPackage
import Testing

/// Another process that holds `flock`s, as Codex does.
final class FlockHolder {
  private let process = Process()
  private let input = Pipe()

  /// Starts a process that takes the locks; they are held when this returns.
  init(_ files: FilePath...) throws {
    let script = """
      import fcntl, os, sys
      held = [os.open(path, os.O_RDWR | os.O_CREAT, 0o644) for path in sys.argv[1:]]
      for file in held: fcntl.flock(file, fcntl.LOCK_EX)
      print("held", flush=True)
      sys.stdin.read()
      """
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script] + files.map(\.string)
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    #expect(output.fileHandleForReading.availableData.isEmpty == false, "python3 did not take the locks")
  }

  /// Ends the process, and with it its locks.
  func release() {
    // Threads of a test run may block gentler signals, and a child inherits that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { if process.isRunning { release() } }
}
