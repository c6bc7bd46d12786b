import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

struct LineFileTests {
  private func drop(_ line: String, from text: String) throws -> String? {
    try withTemporaryFolder { folder in
      let path = try folder.put("lines", text)
      try LineFile.drop(line, from: path)
      return try FileStamp.of(path) == nil ? nil : try path.text()
    }
  }

  @Test(arguments: [
    ("a\nb\nc\n", "a\nc\n"), ("b\n", nil), ("a\nb", "a"), ("a\n", "a\n"), ("b\na\nb\n", "b\na\n"),
    ("ab\n", "ab\n"),
    ("a\u{2028}b\nb\n", "a\u{2028}b\n"), ("b\r\nb\n", "b\r\n"),
  ])
  func theLastOccurrenceOfALineIsDropped(_ text: String, _ left: String?) throws {
    #expect(try drop("b", from: text) == left)
  }

  @Test func aFileThatIsNotThereHasNoLines() throws {
    try withTemporaryFolder { folder in
      try LineFile.drop("a", from: folder.appending("lines"))
      #expect(try !LineFile.contains("a", folder.appending("lines")))
    }
  }

  @Test func aLineIsAWholeLine() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("lines", "abc\nd")
      #expect(try LineFile.contains("abc", path))
      #expect(try LineFile.contains("d", path))
      #expect(try !LineFile.contains("ab", path))
      #expect(try !LineFile.contains("bc", path))
    }
  }
}
