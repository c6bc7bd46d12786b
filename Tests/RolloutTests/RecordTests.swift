import CanonicalJSON
import SyncTestSupport
import Testing

@testable import Rollout

@Suite struct RecordKindTests {
  @Test(arguments: [
    "response_item", "compacted", "inter_agent_communication", "inter_agent_communication_metadata",
    "realtime_item",
    "retained_context", "type_of_tomorrow",
  ])
  func isHistory(type: String) {
    #expect(record(#"{"type":"\#(type)","payload":{}}"#).kind.isHistory)
  }

  @Test(arguments: [
    "session_meta", "turn_context", "world_state", "token_usage_record", "security_risk_score",
  ])
  func isBookkeeping(type: String) {
    #expect(!record(#"{"type":"\#(type)","payload":{}}"#).kind.isHistory)
  }

  @Test(
    arguments: [
      ("thread_rolled_back", .rollbackMarker), ("thread_settings_applied", .settingsApplied),
      ("task_started", .turnStarted),
      ("turn_started", .turnStarted), ("task_complete", .turnEnded), ("turn_complete", .turnEnded),
      ("turn_aborted", .turnEnded),
      ("user_message", .otherEvent), ("item_completed", .otherEvent), ("event_of_tomorrow", .otherEvent),
    ] as [(String, RecordKind)])
  func tellsEventsApart(type: String, kind: RecordKind) {
    let found = record(#"{"type":"event_msg","payload":{"type":"\#(type)"}}"#).kind
    #expect(found == kind)
    #expect(found.isHistory == (kind == .rollbackMarker))
  }

  @Test(arguments: ["", "\u{0}\u{0}\u{0}", "{", "{}x", "\u{FEFF}{}"]) func knowsWhatIsNotJSON(line: String) {
    #expect(record(line).kind == .notJSON)
    #expect(!record(line).kind.isHistory)
  }

  @Test(arguments: ["{}", #"{"type":1}"#, "[]", "5", "null"]) func takesWhatItDoesNotKnowForHistory(
    line: String
  ) {
    #expect(record(line).kind == .unknown)
  }
}

@Suite struct RecordMaskTests {
  private func same(_ left: [UInt8], _ right: [UInt8]) -> Bool { record(left).digest == record(right).digest }

  @Test func hashesTheCanonicalBytesOfWhatNeedsNoMask() {
    let line = #"{"timestamp":"t","type":"compacted","payload":{"message":"m"}}"#
    #expect(record(line).digest == RecordDigest(hashing: Array(line.utf8)))
  }

  @Test func leavesTheOrdinalOut() {
    #expect(record(#"{"a":1,"ordinal":5,"type":"x"}"#).digest == record(#"{"a":1,"type":"x"}"#).digest)
    #expect(
      record(#"{"type":"x","payload":{"ordinal":5}}"#).digest != record(#"{"type":"x","payload":{}}"#).digest)
  }

  @Test func masksTheFirstCwdOfAnyUserMessage() {
    #expect(same(userMessage("I said <cwd>/a</cwd>."), userMessage("I said <cwd>/b/c</cwd>.")))
    #expect(!same(userMessage("<cwd>/a</cwd>x"), userMessage("<cwd>/a</cwd>y")))
    #expect(!same(userMessage("<cwd>/a</cwd><cwd>/a</cwd>"), userMessage("<cwd>/a</cwd><cwd>/b</cwd>")))
    #expect(!same(userMessage("<cwd>/a</cwd>", "developer"), userMessage("<cwd>/b</cwd>", "developer")))
  }

  @Test func masksNothingWhereTheTagsAreNoPair() {
    #expect(!same(userMessage("</cwd><cwd>/a</cwd>"), userMessage("</cwd><cwd>/b</cwd>")))
    #expect(!same(userMessage("<cwd>/a"), userMessage("<cwd>/b")))
    #expect(!same(userMessage("<cwd></cwd>"), userMessage("<cwd>/b</cwd>")))
  }

  @Test func masksRootsInAnEnvironmentContextOnly() {
    func context(_ root: String) -> [UInt8] {
      userMessage("<environment_context><root>\(root)</root><root>x</root></environment_context>")
    }
    #expect(same(context("/a"), context("/b")))
    #expect(!same(userMessage("<root>/a</root>"), userMessage("<root>/b</root>")))
  }

  /// `codex migrate-rollouts` adds members that are null: a migrated thread was another conversation.
  @Test(arguments: [
    #"{"message":"m","n":[null]}"#, #"{"message":"m","n":[null],"a":null,"b":null}"#,
    #"{"a":null,"b":null,"message":"m","n":[null]}"#,
    #"{"a":null,"message":"m","b":null,"n":[null],"c":null}"#,
    #"{ "a" : null , "b" :null , "message" : "m" , "n" : [ null ] , "c": null }"#,
  ])
  func leavesNullMembersOfACompactionOut(payload: String) {
    let plain = #"{"type":"compacted","payload":{"message":"m","n":[null]}}"#
    #expect(record(#"{"ordinal":7,"type":"compacted","payload":\#(payload)}"#).digest == record(plain).digest)
    let empty = record(#"{"type":"compacted","payload":{}}"#).digest
    #expect(record(#"{"type":"compacted","payload":{"a":null}}"#).digest == empty)
    #expect(record(#"{"type":"compacted","payload":{"a":null,"b":null}}"#).digest == empty)
    #expect(record(#"{"type":"compacted","payload":{"message":"m","n":[]}}"#).digest != record(plain).digest)
    #expect(
      record(#"{"type":"realtime_item","payload":{"a":null}}"#).digest
        != record(#"{"type":"realtime_item","payload":{}}"#).digest)
  }

  @Test func doesNotMistakeAMaskForText() {
    #expect(!same(userMessage("<cwd>\u{1}</cwd>x"), userMessage("<cwd>\\u0001</cwd>y")))
    #expect(!same(userMessage("\u{1}"), userMessage("<cwd>\u{1}</cwd>")))
  }

  @Test func masksTheSlotInEverySpelling() throws {
    let value = try JSONValue(parsing: userMessage("é / <cwd>C:\\é\\/</cwd> <x>"))
    let other = try JSONValue(parsing: userMessage("é / <cwd>/home/b</cwd> <x>"))
    let digests = JSONSpelling.allCases.flatMap { spelling in
      [value, other].map { record(spelling.bytes($0)).digest }
    }
    #expect(Set(digests).count == 1)
    let escaped = String(decoding: userMessage("<cwd>/a</cwd>"), as: UTF8.self).split(separator: "<cwd>")
    #expect(
      record(escaped.joined(separator: #"\u003ccwd\u003E"#)).digest
        == record(userMessage("<cwd>/b</cwd>")).digest)
  }

  @Test(arguments: [
    "<root>x<cwd>/a</root>z</cwd>", "<root>p<cwd>/a</root>b</cwd></root>", "<cwd>/a<root>b</cwd>c</root>",
    "<root><cwd>/a</cwd></root>", "<cwd><environment_context></cwd><root>/a</root>", "</cwd><cwd>/a</cwd>",
    "<cwd></cwd><cwd>/a</cwd>", "<root>/a</root><cwd>/a</cwd><root>/b</root>",
  ])
  func theTransferToolChangesNoHistoryDigest(text: String) throws {
    for prefix in ["", "<environment_context>"] {
      let line = userMessage(prefix + text)
      #expect(same(line, try TransferTool.install(line, cwd: "/home/bob/Documents/x")), "\(prefix + text)")
    }
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated])
  func theTransferToolChangesNoDigestOfAWholeTranscript(format: SessionMeta.Format) throws {
    var builder = TranscriptBuilder(format: format)
    builder.turn("first é 🙂 / \u{2028}", tool: "ls -l /home/alice")
    builder.record("turn_context", ["cwd": "/home/alice", "sandbox_policy": ["type": "danger-full-access"]])
    builder.turn("second <cwd>/x</cwd>")
    for line in builder.lines {
      #expect(
        same(line, try TransferTool.install(line, cwd: "/elsewhere")),
        "\(String(decoding: line, as: UTF8.self))")
    }
  }

  @Test func hashesALineThatIsNotJSONApartFromEveryText() {
    #expect(record("abc").digest != RecordDigest(hashing: Array("abc".utf8)))
    #expect(record("abc").digest == RecordDigest(hashing: [0] + Array("abc".utf8)))
  }

  @Test func comesBackFromItsText() throws {
    let digest = RecordDigest(hashing: [1, 2, 3])
    #expect(RecordDigest(hex: digest.description) == digest)
    #expect(digest.description == "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")
    #expect(digest.bytes.count == 32)
    for text in [
      "", "039058", String(repeating: "+", count: 64), "+" + digest.description.dropFirst(),
      digest.description + "0",
    ] {
      #expect(RecordDigest(hex: text) == nil)
    }
  }
}
