import DurableFiles
import SyncTestSupport
import Testing

@Suite struct LineSplitterTests {
  private struct Found: Equatable {
    var lines: [[UInt8]] = []
    var offsets: [Int64] = []
    var rest: [UInt8] = []
  }

  private func split(_ chunks: [[UInt8]]) -> Found {
    var splitter = LineSplitter()
    var found = Found()
    for chunk in chunks {
      splitter.push(chunk) { line, offset in
        found.lines.append(line)
        found.offsets.append(offset)
      }
    }
    found.rest = splitter.remainder
    #expect(splitter.nextOffset == Int64(chunks.joined().count - found.rest.count))
    return found
  }

  @Test func findsTheSameLinesWhereverChunksEnd() {
    let text = Array("first\n\nthird \u{2028}\u{85} line\r\n\n日本\nrest".utf8)
    let whole = split([text])
    #expect(
      whole.lines.map { String(decoding: $0, as: UTF8.self) } == [
        "first", "", "third \u{2028}\u{85} line\r", "", "日本",
      ])
    #expect(whole.offsets == [0, 6, 7, 25, 26])
    #expect(whole.rest == Array("rest".utf8))
    for first in 0...text.count {
      for second in first...text.count {
        #expect(split([Array(text[..<first]), Array(text[first..<second]), Array(text[second...])]) == whole)
      }
    }
    #expect(split(text.map { [$0] }) == whole)
  }

  @Test func hasNoLineWithoutANewline() {
    #expect(split([]).lines.isEmpty)
    #expect(split([[]]).lines.isEmpty)
    #expect(split([[0x0A]]).lines == [[]])
    #expect(split([Array("a\rb".utf8)]).rest == Array("a\rb".utf8))
  }

  @Test func passesOnWhatTheBodyThrows() {
    struct Stop: Error {}
    var splitter = LineSplitter()
    #expect(throws: Stop.self) {
      try splitter.push(Array("a\nb\n".utf8)) { _, _ throws(Stop) in throw Stop() }
    }
  }
}
