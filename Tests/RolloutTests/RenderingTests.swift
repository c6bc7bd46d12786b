import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct WholeRenderingTests {
  private let closing = SettingsRecord(
    timestamp: Sample.time(99), thread: Sample.thread(1), settings: ["cwd": "/home/bob"])

  private func whole(
    _ builders: [TranscriptBuilder], head: RecordRewriter.HeadChanges = .init(),
    closing: SettingsRecord? = nil,
    _ check: (RolloutRendering) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let scans = try builders.map { try $0.scan(below: folder) }
      let transcript = try Transcript(try #require(scans.last)) { cut in
        scans.filter { $0.name.rolloutID == cut.rollout }.map { CutPlace($0, cut) }
      }
      try check(RolloutRendering(whole: transcript, rewriter: .none, head: head, closing: closing))
    }
  }

  private func builder(_ format: SessionMeta.Format = .paginated) -> TranscriptBuilder {
    var builder = TranscriptBuilder(format: format)
    builder.turn("one é", tool: "ls")
    builder.turn("two")
    return builder
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated])
  func isByteIdenticalWhereNothingIsToBeChanged(format: SessionMeta.Format) throws {
    var builder = builder(format)
    builder.lines.insert([0, 0, 0], at: 5)
    let bytes = builder.bytes
    try whole([builder]) { rendering throws in #expect(try rendering.rendered() == bytes) }
  }

  @Test func keepsAnotherProgramsSpelling() throws {
    var builder = builder()
    builder.lines = try builder.lines.map { JSONSpelling.python.bytes(try JSONValue(parsing: $0)) }
    let bytes = builder.bytes
    try whole([builder]) { rendering throws in #expect(try rendering.rendered() == bytes) }
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated]) func endsWithTheClosingRecord(
    format: SessionMeta.Format
  ) throws {
    let builder = builder(format)
    try whole([builder], closing: closing) { rendering throws in
      let line = closing.line(ordinal: format == .paginated ? builder.nextOrdinal : nil)
      #expect(try rendering.rendered() == builder.bytes + line + [0x0A])
      #expect(try rendering.measured().size.records == builder.lines.count + 1)
    }
  }

  @Test func flatteningNumbersFromZeroAndDropsTheBase() throws {
    let first = builder()
    var fork = first.continued(as: Sample.thread(2))
    fork.turn("three")
    try whole([first, fork], closing: closing) { rendering throws in
      let count = first.lines.count - 1 + fork.lines.count
      #expect(try rendering.ordinals() == (0...Int64(count)).map { $0 })
      let meta = try JSONText(Array(try rendering.rendered().split(separator: 0x0A)[0])).root["payload"]
      #expect(meta?["id"]?.string == fork.thread.text)
      #expect(meta?["history_base"] == nil)
      #expect(meta?["forked_from_id"]?.string == first.thread.text)
      #expect(meta?["forked_from_ordinal_exclusive"]?.integer == first.nextOrdinal)
    }
  }

  @Test func flatteningNumbersFromZeroAlsoWhereTheBaseIsOnlyItsMeta() throws {
    let first = TranscriptBuilder()
    var fork = first.continued(as: Sample.thread(2))
    fork.turn("three")
    try whole([first, fork]) { rendering throws in #expect(try rendering.ordinals().first == 0) }
  }

  @Test func regressedOrdinalsAreNumberedAnew() throws {
    var builder = builder()
    builder.nextOrdinal -= 1
    builder.turn("three")
    let count = Int64(builder.lines.count)
    try whole([builder]) { rendering throws in #expect(try rendering.ordinals() == (0..<count).map { $0 }) }
  }

  @Test func missingOrdinalsAreNumberedAnew() throws {
    var builder = builder()
    builder.lines[3] = userMessage("no ordinal")
    let count = Int64(builder.lines.count)
    try whole([builder]) { rendering throws in #expect(try rendering.ordinals() == (0..<count).map { $0 }) }
  }

  @Test func aGapInTheOrdinalsStays() throws {
    var builder = builder()
    builder.nextOrdinal += 10
    builder.turn("three")
    let bytes = builder.bytes
    try whole([builder]) { rendering throws in #expect(try rendering.rendered() == bytes) }
  }

  @Test func fieldsThatCountInOrdinalsFollowTheRecordsPastLinesThatAreNotJSON() throws {
    var builder = TranscriptBuilder(firstOrdinal: 0, extra: [("subagent_history_start_ordinal", 102)])
    builder.lines.append([0, 0, 0])
    builder.nextOrdinal = 100
    for text in ["a", "b", "c"] { builder.message("user", text) }
    builder.nextOrdinal = 50
    builder.message("user", "regressed")
    try whole([builder]) { rendering throws in
      let lines = try rendering.rendered().split(separator: 0x0A).map { try? JSONText(Array($0)).root }
      let start = lines[0]?["payload"]?["subagent_history_start_ordinal"]?.integer
      let third = lines.first { $0?["payload"]?["content"]?.elements.first?["text"]?.string == "c" }
      #expect(start != nil && start == third??["ordinal"]?.integer)
    }
  }

  @Test func anUnfinishedLastLineIsLeftOut() throws {
    let builder = builder()
    try withTemporaryFolder { folder in
      let path = try folder.put(try builder.name.text, builder.bytes + Array("{\"torn".utf8))
      let transcript = try Transcript(try RolloutScan(path, name: try builder.name)) { _ in [] }
      let rendering = RolloutRendering(whole: transcript, rewriter: .none, head: .init(), closing: nil)
      #expect(try rendering.rendered() == builder.bytes)
    }
  }

  @Test func readsACompressedRollout() throws {
    let builder = builder()
    try withTemporaryFolder { folder in
      let name = try #require(RolloutName(try builder.name.text + ".zst"))
      let path = try ZstdFile.write(builder.bytes, to: folder.appending(name.text))
      let transcript = try Transcript(try RolloutScan(path, name: name)) { _ in [] }
      let rendering = RolloutRendering(whole: transcript, rewriter: .none, head: .init(), closing: nil)
      #expect(try rendering.rendered() == builder.bytes)
    }
  }

  @Test func refusesASourceThatChanged() throws {
    let builder = builder()
    try withTemporaryFolder { folder in
      let scan = try builder.scan(below: folder)
      let transcript = try Transcript(scan) { _ in [] }
      let rendering = RolloutRendering(whole: transcript, rewriter: .none, head: .init(), closing: nil)
      try DurableFile.appendLine(Array("{}".utf8), to: scan.path)
      #expect(throws: RolloutError.changed(scan.path)) { try rendering.write { _ in } }
      try DurableFile.cut(scan.path, to: 100)
      #expect(throws: RolloutError.changed(scan.path)) { try rendering.write { _ in } }
    }
  }
}
