import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct RolloutLinesTests {
  private func read(_ text: [UInt8], compressed: Bool = false, from offset: Int64 = 0) throws -> (
    [String], RolloutLines.End
  ) {
    try withTemporaryFolder { folder in
      let path = try compressed ? ZstdFile.write(text, to: folder.appending("f")) : folder.put("f", text)
      var lines: [String] = []
      let end = try RolloutLines.read(path, from: offset) { line, _ in
        lines.append(String(decoding: line, as: UTF8.self))
        return true
      }
      return (lines, end)
    }
  }

  @Test(arguments: [true, false]) func endsInOneOfThreeStates(compressed: Bool) throws {
    func end(_ text: String) throws -> RolloutLines.End {
      try read(Array(text.utf8), compressed: compressed).1
    }
    #expect(try end("{}\n{}\n") == .init(offset: 6, torn: 0, isClosed: true))
    #expect(try end("{}\n{\"a\":") == .init(offset: 3, torn: 5, isClosed: false))
    #expect(try end("{}\n{\"a\":1}") == .init(offset: 10, torn: 0, isClosed: false))
    #expect(try end("{}\n\0\0") == .init(offset: 3, torn: 2, isClosed: false))
    #expect(try end("{}\n12") == .init(offset: 3, torn: 2, isClosed: false))
  }

  @Test(arguments: [true, false]) func readsFromAnOffset(compressed: Bool) throws {
    #expect(try read(Array("ab\ncd\nef\n".utf8), compressed: compressed, from: 3).0 == ["cd", "ef"])
    #expect(try read(Array("ab\ncd\n{}".utf8), compressed: compressed, from: 6).0 == ["{}"])
  }

  @Test func readsLinesLongerThanAStep() throws {
    let long = [UInt8](repeating: 0x61, count: 3 * FileReading.chunkSize + 5)
    for compressed in [true, false] {
      let (lines, end) = try read(long + [0x0A] + long + [0x0A], compressed: compressed)
      #expect(lines.map(\.utf8.count) == [long.count, long.count])
      #expect(end.offset == Int64(2 * long.count + 2))
    }
  }

  @Test func saysThatACompressedFileIsDamaged() throws {
    try withTemporaryFolder { folder in
      let whole = try FileReading.bytes(
        of: try ZstdFile.write([UInt8](repeating: 1, count: 5000), to: folder.appending("a")))
      let path = try folder.put("b", Array(whole.prefix(whole.count - 6)))
      #expect(throws: RolloutError.self) { try RolloutLines.read(path) { _, _ in true } }
    }
  }
}

@Suite struct RolloutScanTests {
  private func scan(_ lines: [[UInt8]], _ builder: TranscriptBuilder = TranscriptBuilder()) throws
    -> RolloutScan
  {
    var builder = builder
    builder.lines = lines
    let copy = builder
    return try withTemporaryFolder { try copy.scan(below: $0) }
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated]) func readsAWholeTranscript(
    format: SessionMeta.Format
  ) throws {
    var builder = TranscriptBuilder(format: format)
    builder.turn("first", tool: "ls")
    builder.turn("second")
    let scan = try scan(builder.lines, builder)
    #expect(scan.records.count == builder.lines.count)
    #expect(scan.records.map(\.length) == builder.lines.map(\.count))
    #expect(
      scan.records.map(\.ordinal) == builder.lines.indices.map { format == .paginated ? Int64($0) : nil })
    #expect(scan.records.filter(\.kind.isHistory).count == 8 && scan.history.count == 8)
    #expect(scan.meta.format == format && scan.meta.cwd == "/home/alice/project")
    #expect(scan.facts.preview == "first")
    #expect(scan.facts.tokensUsed == 120)
    #expect(scan.facts.openTurn == nil && scan.facts.endedTurn != nil)
    #expect(scan.facts.lastTimestamp == Sample.time(builder.seconds - 1))
    #expect(scan.oddities == .init())
    #expect(scan.end == .init(offset: builder.length, torn: 0, isClosed: true))
  }

  @Test(arguments: [
    "", "\n", "{}\n", "\0\0\0\n", #"{"type":"session_meta","payload":{}}"#, "{\"type\":\"session_me",
  ])
  func refusesAFileThatBeginsOtherwise(text: String) throws {
    try withTemporaryFolder { folder in
      let name = try TranscriptBuilder().name
      let path = try folder.put(name.text, text)
      #expect(throws: RolloutError.noSessionMeta(path)) { try RolloutScan(path, name: name) }
      #expect(throws: RolloutError.noSessionMeta(path)) { try RolloutPeek(path) }
    }
  }

  @Test(arguments: ["\0\0\0", ""]) func refusesAFileWhoseFirstLineIsNotJSON(line: String) throws {
    #expect {
      try scan([Array(line.utf8)] + TranscriptBuilder().lines)
    } throws: { if case RolloutError.noSessionMeta = $0 { true } else { false } }
  }

  @Test func refusesAForeignID() throws {
    #expect {
      try scan(TranscriptBuilder(Sample.thread(2)).lines)
    } throws: { if case RolloutError.foreignID(_, Sample.thread(2)) = $0 { true } else { false } }
  }

  @Test func carriesLinesThatAreNotJSONAlong() throws {
    var builder = TranscriptBuilder()
    builder.turn("first")
    let history = try scan(builder.lines).history
    var lines = builder.lines
    lines.insert([0, 0, 0, 0], at: 4)
    lines.insert(Array("{\"a\":\"\u{FF}".utf8) + [0xFF, 0x22, 0x7D], at: 6)
    lines.append([])
    let scan = try scan(lines)
    #expect(scan.oddities.linesNotJSON == 1 && scan.oddities.linesNotUTF8 == 1)
    #expect(scan.history == history)
  }

  @Test func namesUnknownTypes() throws {
    var builder = TranscriptBuilder()
    builder.record("of_tomorrow", [:])
    #expect(try scan(builder.lines).oddities.unknownTypes == ["of_tomorrow"])
  }

  @Test(arguments: [Int64.max, -1, .min]) func takesAnImpossibleOrdinalForNone(ordinal: Int64) {
    #expect(record(#"{"type":"x","ordinal":\#(ordinal)}"#).ordinal == nil)
  }

  @Test func listensToTheSettingsOfItsOwnThreadOnly() throws {
    var builder = TranscriptBuilder()
    builder.settings(approval: "on-request")
    builder.event(
      "thread_settings_applied",
      [
        ("thread_id", .string(Sample.thread(9).text)),
        ("thread_settings", ["approval_policy": "never", "cwd": "/foreign"]),
      ])
    let scan = try scan(builder.lines)
    #expect(scan.facts.settings?["approval_policy"] == "on-request")
    #expect(scan.facts.cwd(scan.meta) == "/home/alice/project")
  }

  @Test func knowsAnOpenTurn() throws {
    var builder = TranscriptBuilder()
    let turn = builder.openTurn("question")
    #expect(try scan(builder.lines).facts.openTurn == turn)
    builder.closeTurn(turn, "answer")
    #expect(try scan(builder.lines).facts.endedTurn == turn)
  }

  @Test func peeksUpToTheFirstHistoryRecord() throws {
    var builder = TranscriptBuilder()
    builder.turn("first")
    let copy = builder
    try withTemporaryFolder { folder in
      let scan = try copy.scan(below: folder)
      let peek = try RolloutPeek(scan.path)
      #expect(peek.lineageKey == scan.history.first)
      #expect(peek.meta.id == scan.meta.id && !peek.hasBase)
    }
  }
}
