import DurableFiles
import SystemPackage
import Testing

@Suite struct ConfinedPathTests {
  @Test(arguments: ["a", "a/b/c", "...", ".hidden", "..a", "a b", "ü/日本 🙂", "a:b", "-rf", "~", "%2e%2e"])
  func staysUnderItsFolder(text: String) throws {
    let path = try #require(ConfinedPath(text))
    #expect(path.text == text)
    #expect(path.under("/base").string == "/base/" + text)
    #expect(path.name == text.split(separator: "/").last.map(String.init))
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b", "./a", "a/.", "a\\b", "..\\a", "C:\\a",
    "a\u{0}b",
    "a\nb", "a\u{1B}[2Jb", "a\u{7F}", String(repeating: "x", count: 256), "/\u{301}a", "a/\u{301}b",
    "..\u{2F}\u{301}",
  ])
  func refusesWhatCouldLeaveItsFolder(text: String) {
    #expect(ConfinedPath(text) == nil)
  }

  @Test(arguments: ["a\u{85}b", "a\u{9B}2Jb"]) func refusesControlCharactersBehindASCII(text: String) {
    #expect(ConfinedPath(text) == nil)
  }
}
