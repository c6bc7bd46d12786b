import DurableFiles
import Testing

@Suite struct LineBufferTests {
  /// The lines of a stream that is read in steps of at most `step` bytes, and what is left.
  private func split(_ stream: [UInt8], step: Int, stopAfter: Int = .max) -> ([[UInt8]], rest: [UInt8]) {
    var buffer = LineBuffer()
    var at = 0
    var lines: [[UInt8]] = []
    var hasMore = true
    while hasMore {
      hasMore = buffer.advance { memory in
        let count = min(step, memory.count, stream.count - at)
        memory.copyBytes(from: stream[at..<(at + count)])
        at += count
        return count
      } _: { line in
        lines.append(line.withUnsafeBufferPointer { Array($0) })
        return lines.count < stopAfter
      }
    }
    return (lines, buffer.withRest { $0.withUnsafeBufferPointer { Array($0) } })
  }

  @Test(arguments: [1, 2, 3, 7, 1 << 18]) func splitsAtNewlinesOnly(step: Int) {
    let text = Array("a\r\n\n\u{2028}\u{85}\nbc\n\ntail".utf8)
    let (lines, rest) = split(text, step: step)
    #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["a\r", "", "\u{2028}\u{85}", "bc", ""])
    #expect(rest == Array("tail".utf8))
  }

  @Test(arguments: [1000, 262_143, 262_144, 262_145, 524_288, 3_000_001])
  func handsOutLinesOfAnyLength(length: Int) {
    let lines = (0..<5).map { [UInt8](repeating: UInt8(0x61 + $0), count: length + $0) }
    let stream = Array(lines.joined(separator: [0x0A])) + [0x0A]
    let found = split(stream + Array("x\ny".utf8), step: .max)
    #expect(found.0 == lines + [[0x78]])
    #expect(found.rest == [0x79])
  }

  @Test func handsOutShortLinesAfterALongOne() {
    let long = [UInt8](repeating: 0x61, count: 5 << 20)
    let short = (0..<20_000).map { Array("line \($0)".utf8) }
    let stream = Array(([long] + short).joined(separator: [0x0A])) + [0x0A]
    let (lines, rest) = split(stream, step: .max)
    #expect(lines == [long] + short && rest.isEmpty)
  }

  @Test func stopsWhereItIsTold() {
    #expect(split(Array("a\nb\nc\n".utf8), step: .max, stopAfter: 2).0 == [[0x61], [0x62]])
  }

  @Test func hasNothingOfAnEmptyStream() {
    let (lines, rest) = split([], step: 5)
    #expect(lines.isEmpty && rest.isEmpty)
  }

  @Test func stopsAtALineThatIsTooLong() {
    var buffer = LineBuffer(step: 16, limit: 40)
    var lines = 0
    var reads = 0
    while buffer.advance(
      { memory in
        reads += 1
        memory.initializeMemory(as: UInt8.self, repeating: reads == 1 ? 0x0A : 0x20)
        return memory.count
      },
      { _ in
        lines += 1
        return true
      })
    {}
    #expect(lines == 16 && reads == 4 && buffer.isOverLimit)
  }
}
