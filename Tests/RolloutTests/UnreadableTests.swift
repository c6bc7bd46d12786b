import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

/// What Codex would not read, and what nobody can.
struct UnreadableTests {
  /// A partial record that ends in the middle of a character, as a crash leaves it.
  private static let cut =
    Array(#"{"timestamp":"2026-11-20T10:00:00.000Z","type":"event_msg","payload":{"x":""#.utf8) + [
      0xE6, 0x87,
    ]

  private func odd(_ format: SessionMeta.Format) -> TranscriptBuilder {
    var builder = TranscriptBuilder(format: format)
    builder.turn("one")
    builder.lines.insert(Self.cut, at: 3)
    builder.turn("two")
    builder.lines.append(Self.cut)
    return builder
  }

  private func transcript(_ builder: TranscriptBuilder, _ folder: FilePath) throws -> Transcript {
    try Transcript(try builder.scan(below: folder)) { _ in [] }
  }

  @Test func aLineThatIsNoTextIsToldFromOneThatIsNoJSON() {
    #expect(record(Self.cut).kind == .notUTF8 && record([0xFF]).kind == .notUTF8)
    #expect(record([0, 0]).kind == .notJSON && record("{").kind == .notJSON)
    #expect(!RecordKind.notUTF8.isJSON && !RecordKind.notUTF8.isHistory)
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated])
  func linesThatAreNoTextAreNeverWrittenIntoAHome(_ format: SessionMeta.Format) throws {
    try withTemporaryFolder { folder in
      let whole = odd(format)
      var short = TranscriptBuilder(format: format)
      short.turn("one")
      let incoming = try transcript(whole, folder.appending("there"))
      #expect(incoming.head.oddities.linesNotUTF8 == 2 && incoming.head.oddities.linesNotJSON == 0)
      let written = try RolloutRendering(
        whole: incoming, rewriter: .none, head: .init(), closing: nil
      ).rendered()
      #expect(written == Array(whole.lines.filter { $0 != Self.cut }.map { $0 + [0x0A] }.joined()))
      let here = try transcript(short, folder.appending("here"))
      let tail = try RolloutRendering(
        tailOf: incoming, behind: here.history.count, for: RolloutEnding(of: here), rewriter: .none,
        closing: nil
      ).rendered()
      #expect(!tail.isEmpty && !tail.contains(0xE6))
    }
  }

  @Test func aPackedFileKeepsThemOnlyWhereOthersNamePlacesInIt() throws {
    try withTemporaryFolder { folder in
      for format in [SessionMeta.Format.legacy, .paginated] {
        let packed = try RolloutRendering(packing: transcript(odd(format), folder)).rendered()
        #expect(packed.contains(0xE6) == (format == .paginated))
      }
    }
  }

  @Test(arguments: ["timestamp", "cwd", "originator", "cli_version"])
  func aKeyThatCodexNeedsIsMissed(_ key: String) throws {
    try withTemporaryFolder { folder in
      let values: [JSONValue] = [.null, 7, .object([])]
      for value in values {
        let builder = TranscriptBuilder(extra: [(key, value)])
        let unfit = try builder.scan(below: folder).meta.unfitKeys
        #expect(unfit.contains(key))
      }
    }
  }

  @Test func aValueThatCodexDoesNotTakeIsFound() throws {
    let values: [(String, JSONValue)] = [
      ("session_id", .null), ("history_mode", "other"), ("source", 7), ("thread_source", 7),
      ("model_provider", .object([])), ("base_instructions", "text"),
    ]
    try withTemporaryFolder { folder in
      for (key, value) in values {
        let unfit = try TranscriptBuilder(extra: [(key, value)]).scan(below: folder).meta.unfitKeys
        #expect(unfit == [key])
      }
    }
  }

  @Test func whatCodexItselfWritesLacksNothing() throws {
    try withTemporaryFolder { folder in
      for format in [SessionMeta.Format.legacy, .paginated] {
        let extras: [[(String, JSONValue)]] = [
          [], [("thread_source", .null), ("base_instructions", .null), ("model_provider", .null)],
          [("source", ["subagent": "review"])],
        ]
        for extra in extras {
          let builder = TranscriptBuilder(format: format, extra: extra)
          let unfit = try builder.scan(below: folder).meta.unfitKeys
          #expect(unfit.isEmpty)
        }
      }
    }
  }

  @Test func whatIsLeftOfAFileIsItsHistoryUpToTheDamage() throws {
    try withTemporaryFolder { folder in
      var builder = TranscriptBuilder()
      builder.turn("one")
      let history = try builder.scan(below: folder).history
      let marked = try folder.put("marked.jsonl", [0xEF, 0xBB, 0xBF] + builder.bytes)
      #expect(RolloutSalvage.history(of: marked) == history)
      let empty = try folder.put("empty.jsonl", "")
      let nul = try folder.put("nul.jsonl", [UInt8](repeating: 0, count: 99))
      #expect(RolloutSalvage.history(of: empty).isEmpty && RolloutSalvage.history(of: nul).isEmpty)
    }
  }
}
