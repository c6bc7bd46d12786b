import DurableFiles
import Foundation
import SyncTestSupport
import SystemPackage
import Testing

@testable import codex_session_sync

/// A shell reads back what was printed to be copied.
struct ShellWordTests {
  @Test(arguments: [
    Array("plain-1.0_a/b".utf8), Array("with space".utf8), Array("a\nrm -rf x".utf8), Array("it's".utf8),
    Array("$(id) `id` !! * ~ \\ \"".utf8), Array("=cat".utf8), Array("\u{202E}txt".utf8), Array("会话".utf8),
    [],
    [0xFF], [0x61, 0xC3, 0x28, 0xE4, 0xBC, 0x27, 0x0A, 0x39], Array("ü".utf8) + [0xB0, 0xA1],
  ]) func aWordComesBackAsItWasGiven(_ word: [UInt8]) throws {
    try withTemporaryFolder { (folder) throws in
      let text = RawText.text(word.map { CChar(bitPattern: $0) })
      #expect(try read(ShellWord.quoted(text), folder) == word)
      if word.isEmpty || word.contains(0x2F) { return }
      #expect(try read(ShellWord.quoted(RawText.path(text)), folder) == word)
    }
  }

  /// What bash makes of a word.
  private func read(_ word: String, _ folder: FilePath) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "printf %s \(word) > read"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.string)
    try process.run()
    process.waitUntilExit()
    return try FileReading.bytes(of: folder.appending("read"))
  }
}
