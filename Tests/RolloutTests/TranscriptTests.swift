import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct TranscriptTests {
  /// Writes all, and resolves the last one against the others.
  private func transcript(_ builders: [TranscriptBuilder]) throws -> Transcript {
    try withTemporaryFolder { folder in
      let scans = try builders.map { try $0.scan(below: folder) }
      let head = try #require(scans.last)
      return try Transcript(head) { cut in
        scans.dropLast().filter { $0.name.rolloutID == cut.rollout }.map { CutPlace($0, cut) }
      }
    }
  }

  private func parent() -> TranscriptBuilder {
    var builder = TranscriptBuilder()
    builder.turn("one")
    builder.turn("two")
    return builder
  }

  /// The history of all turns in one plain file.
  private func history(_ lines: [[UInt8]]) -> [RecordDigest] {
    lines.map { record($0) }.filter(\.kind.isHistory).map(\.digest)
  }

  @Test func isItsFileWhereNothingIsReferredTo() throws {
    let builder = parent()
    let transcript = try transcript([builder])
    #expect(transcript.history == history(builder.lines))
    #expect(transcript.lineageKey == transcript.history.first)
    #expect(!transcript.isComposed)
    #expect(Array(transcript.records).count == builder.lines.count)
  }

  @Test func aForkBeginsWithItsBaseUpToTheCut() throws {
    var parent = parent()
    var fork = parent.continued(as: Sample.thread(2))
    fork.turn("in the fork")
    parent.turn("later in the parent")
    let transcript = try transcript([parent, fork])
    let common = history(self.parent().lines)
    #expect(transcript.history == common + history(fork.lines))
    #expect(transcript.isComposed)
    #expect(transcript.records.map(\.kind).filter { $0 == .sessionMeta }.count == 1)
  }

  @Test func resolvesForksOfForksAndSegments() throws {
    let first = parent()
    var second = first.continued(as: Sample.thread(1), segment: Sample.thread(7))
    second.turn("three")
    var third = second.continued(as: Sample.thread(3))
    third.turn("four")
    let transcript = try transcript([first, second, third])
    #expect(transcript.history == history(first.lines + second.lines + third.lines))
  }

  @Test func saysThatABaseIsMissing() throws {
    let first = parent()
    let fork = first.continued(as: Sample.thread(2))
    #expect {
      try transcript([fork])
    } throws: { if case RolloutError.missingBase(_, Sample.thread(1)) = $0 { true } else { false } }
  }

  @Test(
    arguments: [
      (0, 1), (0, -1), (1, 0), (-1, 0), (Int64.max / 2, 0), (0, Int64.min / 2),
    ] as [(Int64, Int64)])
  func refusesACutThatIsNoRecordBorder(bytes: Int64, ordinals: Int64) throws {
    let first = parent()
    var base = first.asBase
    base["end_byte_offset"] = .integer(first.length + bytes)
    base["end_ordinal_exclusive"] = .integer(first.nextOrdinal + ordinals)
    let fork = TranscriptBuilder(
      Sample.thread(2), firstOrdinal: first.nextOrdinal, extra: [("history_base", base)])
    #expect {
      try transcript([first, fork])
    } throws: { if case RolloutError.unfittingBase(_, Sample.thread(1)) = $0 { true } else { false } }
  }

  @Test(arguments: [Int64.min, .max]) func survivesAnAbsurdCut(ordinal: Int64) throws {
    let first = parent()
    var base = first.asBase
    base["end_ordinal_exclusive"] = .integer(ordinal)
    let fork = TranscriptBuilder(Sample.thread(2), extra: [("history_base", base)])
    #expect(throws: RolloutError.self) { try transcript([first, fork]) }
  }

  @Test func acceptsACutBehindALineThatIsNotJSON() throws {
    var first = parent()
    first.lines.append([0, 0, 0])
    let fork = first.continued(as: Sample.thread(2))
    #expect(try transcript([first, fork]).history == history(first.lines))
  }

  @Test func refusesACutThatKeepsNotEvenTheSessionMeta() throws {
    let base: JSONValue = [
      "thread_id": .string(Sample.thread(1).text), "end_ordinal_exclusive": 0, "end_byte_offset": 0,
    ]
    let fork = TranscriptBuilder(Sample.thread(2), extra: [("history_base", base)])
    #expect(throws: RolloutError.self) { try transcript([parent(), fork]) }
  }

  @Test func refusesACircle() throws {
    let one = TranscriptBuilder(Sample.thread(1)).continued(as: Sample.thread(2))
    let base: JSONValue = [
      "thread_id": .string(Sample.thread(2).text), "end_ordinal_exclusive": .integer(one.nextOrdinal),
      "end_byte_offset": .integer(one.length),
    ]
    let two = TranscriptBuilder(Sample.thread(1), firstOrdinal: 2, extra: [("history_base", base)])
    #expect(throws: RolloutError.self) { try transcript([one, two]) }
    let own = TranscriptBuilder(Sample.thread(2), extra: [("history_base", base)])
    #expect {
      try transcript([one, own])
    } throws: { if case RolloutError.circularBase = $0 { true } else { false } }
  }

  @Test func knowsNothingOfItsBaseBehindTheCut() throws {
    var parent = parent()
    let fork = parent.continued(as: Sample.thread(2))
    parent.cwd = "/later"
    parent.turn("later in the parent")
    let facts = try transcript([parent, fork]).facts
    #expect(facts.turnContext?["cwd"] == "/home/alice/project")
    #expect(facts.preview == "one")
  }

  @Test func readsTheTimeOfAHistoryRecordAgain() throws {
    let first = parent()
    var fork = first.continued(as: Sample.thread(2))
    fork.message("user", "in the fork")
    try withTemporaryFolder { folder in
      let base = try first.scan(below: folder)
      let transcript = try Transcript(try fork.scan(below: folder)) { [CutPlace(base, $0)] }
      let last = transcript.history.count - 1
      #expect(try transcript.timestamp(ofHistoryRecord: last) == Sample.time(fork.seconds - 1))
      #expect(try transcript.timestamp(ofHistoryRecord: 0) == Sample.time(2))
      #expect(try transcript.timestamp(ofHistoryRecord: last + 1) == nil)
    }
  }
}
