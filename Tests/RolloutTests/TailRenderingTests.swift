import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct TailRenderingTests {
  private let closing = SettingsRecord(
    timestamp: Sample.time(99), thread: Sample.thread(1), settings: ["cwd": "/home/bob"])

  private func tail(
    of incoming: TranscriptBuilder, behind common: Int, for local: TranscriptBuilder, localEnd: String = "",
    isClosed: Bool = true, closing: SettingsRecord? = nil
  ) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      let there = try Transcript(try incoming.scan(below: folder.appending("there"))) { _ in [] }
      let name = try local.name
      let path = try folder.put(
        "here/" + name.text, local.bytes.dropLast(isClosed ? 0 : 1) + Array(localEnd.utf8))
      let here = try Transcript(try RolloutScan(path, name: name)) { _ in [] }
      let format = here.head.meta.format
      // Read as a whole, and from its last history record on: the end is the same.
      let endings =
        try [RolloutEnding(of: here)]
        + [here.lastHistory].compactMap(\.self).map {
          try .init(path, name: name, format: format, behind: $0)
        }
      let tails = try endings.map {
        try RolloutRendering(tailOf: there, behind: common, for: $0, rewriter: .none, closing: closing)
          .rendered()
      }
      #expect(Set(tails).count == 1)
      return tails[0]
    }
  }

  private func texts(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A).compactMap {
      (try? JSONText(Array($0)))?.root["payload"]?["content"]?.elements.first?["text"]?.string
    }
  }

  private func history(_ builder: TranscriptBuilder) -> Int {
    builder.lines.filter { record($0).kind.isHistory }.count
  }

  private func base(_ format: SessionMeta.Format = .paginated) -> TranscriptBuilder {
    var builder = TranscriptBuilder(format: format)
    builder.turn("one")
    return builder
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated])
  func isWhatComesBehindTheCommonHistory(format: SessionMeta.Format) throws {
    let local = base(format)
    var incoming = local
    incoming.turn("two")
    let expected = Array(incoming.bytes.dropFirst(local.bytes.count))
    #expect(try tail(of: incoming, behind: history(local), for: local) == expected)
  }

  @Test func takesTheBookkeepingThatClosesATurn() throws {
    var local = TranscriptBuilder()
    let turn = local.openTurn("one")
    local.message("assistant", "answer")
    var incoming = local
    incoming.event("task_complete", [("turn_id", .string(turn))])
    #expect(
      try tail(of: incoming, behind: history(local), for: local) == incoming.lines.last.map { $0 + [0x0A] })
  }

  @Test func leavesOutTheBookkeepingThatLocalHasToo() throws {
    var local = base()
    let common = history(local)
    var incoming = local
    incoming.turn("two")
    local.settings(approval: "on-request")
    let tail = try tail(of: incoming, behind: common, for: local)
    #expect(texts(tail) == ["two", "Echo: two"])
    #expect(tail.split(separator: 0x0A).count == incoming.lines.count - base().lines.count)
  }

  @Test func leavesOutWhatAnEarlierDeliveryLocalised() throws {
    var incoming = base()
    incoming.event(
      "thread_settings_applied",
      [
        ("thread_id", .string(incoming.thread.text)),
        ("thread_settings", ["permission_profile": ["entries": [["path": "/home/alice/project"]]]]),
      ])
    var local = incoming
    local.lines = incoming.lines.map { RecordRewriter.toBob.rewrite($0, kind: record($0).kind) }
    let known = incoming.lines.count
    incoming.turn("two")
    let tail = try tail(of: incoming, behind: history(local), for: local)
    #expect(tail.split(separator: 0x0A).count == incoming.lines.count - known)
  }

  @Test func neverHoldsTheIncomingSessionMeta() throws {
    let local = TranscriptBuilder()
    var incoming = TranscriptBuilder(extra: [("cli_version", "0.164.0"), ("git", ["branch": "other"])])
    incoming.turn("one")
    let tail = try tail(of: incoming, behind: 0, for: local)
    #expect(tail.split(separator: 0x0A).allSatisfy { record(Array($0)).kind != .sessionMeta })
    #expect(texts(tail).count == 4)
  }

  @Test func ordinalsGoOnFromTheHighest() throws {
    var local = base()
    let common = history(local)
    var incoming = local
    incoming.turn("two")
    local.nextOrdinal = 500
    local.settings()
    local.nextOrdinal = 20
    local.settings()
    let bytes = try tail(of: incoming, behind: common, for: local, closing: closing)
    let ordinals = bytes.split(separator: 0x0A).map { record(Array($0)).ordinal }
    #expect(ordinals == (0..<Int64(ordinals.count)).map { 501 + $0 })
    #expect(
      bytes.suffix(closing.line(ordinal: 0).count + 3).elementsEqual(
        closing.line(ordinal: ordinals.last ?? 0) + [0x0A]))
  }

  @Test func legacyTailsHaveNoOrdinals() throws {
    let local = base(.legacy)
    var incoming = local
    incoming.turn("two")
    let bytes = try tail(of: incoming, behind: history(local), for: local, closing: closing)
    #expect(bytes.split(separator: 0x0A).allSatisfy { record(Array($0)).ordinal == nil })
    #expect(Array(bytes.suffix(closing.line(ordinal: nil).count + 1)) == closing.line(ordinal: nil) + [0x0A])
  }

  @Test(arguments: ["{\"torn", "{\"type\":\"event_msg\",\"ordinal\":70}"])
  func opensWithANewlineBehindALineWithoutOne(end: String) throws {
    let local = base()
    var incoming = local
    incoming.turn("two")
    let bytes = try tail(of: incoming, behind: history(local), for: local, localEnd: end)
    #expect(bytes.first == 0x0A)
    #expect(bytes.count > 1 && bytes[1] == UInt8(ascii: "{"))
    let first = record(Array(bytes.split(separator: 0x0A)[0])).ordinal
    #expect(first == (end.hasSuffix("}") ? 71 : local.nextOrdinal))
  }

  @Test func aHugeOrdinalCrashesNothing() throws {
    var local = base()
    let common = history(local)
    var incoming = local
    incoming.turn("two")
    local.nextOrdinal = .max - 1
    local.settings()
    #expect(try tail(of: incoming, behind: common, for: local, closing: closing).isEmpty == false)
  }

  @Test func beginsALineOfItsOwnBehindAHistoryRecordWithoutANewline() throws {
    var local = TranscriptBuilder()
    local.openTurn("one")
    local.message("assistant", "answer")
    var incoming = local
    incoming.turn("two")
    let expected = try tail(of: incoming, behind: history(local), for: local)
    let bytes = try tail(of: incoming, behind: history(local), for: local, isClosed: false)
    #expect(bytes == [0x0A] + expected)
  }
}
