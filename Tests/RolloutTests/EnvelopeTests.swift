import CanonicalJSON
import SyncTestSupport
import Testing

@testable import Rollout

@Suite struct EnvelopeTests {
  @Test(arguments: [
    #"{"ordinal":5,"type":"x","a":1}"#, #"{"type":"x","ordinal":5,"a":1}"#,
    #"{"type":"x","a":1,"ordinal":5}"#,
    #"{ "type" : "x" , "ordinal" : 5 , "a" : 1 }"#, #"{ "ordinal" : 5 , "type" : "x", "a" : 1 } "#,
    #"{"type":"x","a":1,"\u006frdinal":5}"#, #"{"type":"x","a":1}"#,
  ])
  func leavesTheOrdinalOutWhereverItStands(line: String) {
    #expect(record(line).digest == RecordDigest(hashing: Array(#"{"type":"x","a":1}"#.utf8)))
    #expect(record(line).ordinal == (line.contains("5") ? 5 : nil))
  }

  @Test func leavesAnOrdinalOutThatStandsAlone() {
    for line in [#"{"ordinal":5}"#, #"{ "ordinal" : 5 }"#, "{}"] {
      #expect(record(line).digest == RecordDigest(hashing: Array("{}".utf8)))
    }
  }

  @Test func takesTheFirstOfDuplicateKeys() {
    #expect(record(#"{"type":"compacted","type":"turn_context"}"#).kind == .compacted)
    #expect(
      record(#"{"payload":5,"type":"event_msg","payload":{"type":"thread_rolled_back"}}"#).kind == .otherEvent
    )
    #expect(
      record(#"{"payload":{},"type":"event_msg","payload":{"type":"thread_rolled_back"}}"#).kind
        == .otherEvent)
    #expect(
      record(#"{"type":"event_msg","payload":{"type":"thread_rolled_back","type":"x"},"payload":1}"#).kind
        == .rollbackMarker)
    #expect(
      record(#"{"type":"event_msg","other":{"type":"x"},"payload":{"type":"thread_rolled_back"}}"#).kind
        == .rollbackMarker)
  }

  @Test func readsKeysAndTypesInAnySpelling() {
    #expect(
      record(#"{"\u0074ype":"event\u005fmsg","p\u0061yload":{"typ\u0065":"thread_rolled\u005fback"}}"#).kind
        == .rollbackMarker)
    #expect(record(#"{"typ\ud800":"session_meta"}"#).kind == .unknown)
  }

  @Test func takesNothingFromALineThatBreaksOff() {
    let torn = record(#"{"type":"session_meta","ordinal":5,"payload":{"a":"#)
    #expect(torn.kind == .notJSON && torn.ordinal == nil)
  }

  @Test func masksTheFirstTextOfEachElementOnly() {
    func message(_ content: String) -> RecordDigest {
      record(#"{"type":"response_item","payload":{"role":"user","content":\#(content),"type":"message"}}"#)
        .digest
    }
    let (a, b) = ("<cwd>/a</cwd>", "<cwd>/b/c</cwd>")
    #expect(
      message(#"[{"text":"\#(a)"},{"x":1,"text":"\#(a)"}]"#)
        == message(#"[{"text":"\#(b)"},{"x":1,"text":"\#(b)"}]"#))
    #expect(message(#"[{"text":"","text":"\#(a)"}]"#) != message(#"[{"text":"","text":"\#(b)"}]"#))
    #expect(message(#"[{"text":{},"text":"\#(a)"}]"#) != message(#"[{"text":{},"text":"\#(b)"}]"#))
    #expect(message(#"[{"x":{"text":"\#(a)"}}]"#) != message(#"[{"x":{"text":"\#(b)"}}]"#))
    #expect(message(#"{"text":"\#(a)"}"#) != message(#"{"text":"\#(b)"}"#))
    #expect(message(#""\#(a)""#) != message(#""\#(b)""#))
  }
}

@Suite struct RecordTableTests {
  @Test func givesBackEveryOrdinalAndLength() {
    var source = SeededGenerator()
    print("seed \(source.seed)")
    for _ in 0..<50 {
      var records = RolloutRecords()
      var expected: [RolloutRecord] = []
      var offset: Int64 = 0
      var ordinal: Int64? = 0
      for _ in 0..<Int.random(in: 1...60, using: &source) {
        ordinal =
          switch Int.random(in: 0..<6, using: &source) {
          case 0: nil
          case 1: .random(in: 0...5, using: &source)
          default: ordinal.map { $0 + 1 }
          }
        let record = RolloutRecord(
          offset: offset, length: .random(in: 0...9, using: &source),
          kind: Bool.random(using: &source) ? .compacted : .notJSON, ordinal: ordinal,
          hasSlots: Bool.random(using: &source))
        records.append(
          record.kind, at: offset, length: record.length, ordinal: ordinal, hasSlots: record.hasSlots)
        expected.append(record)
        offset += Int64(record.length) + 1
      }
      #expect(Array(records) == expected, "seed \(source.seed)")
    }
  }

  @Test func knowsWhatMayHoldSlots() {
    func hasSlots(_ line: [UInt8]) -> Bool {
      var reader = RecordReader()
      reader.read(line.span)
      return reader.hasSlots
    }
    #expect(hasSlots(Array(#"{"type":"session_meta"}"#.utf8)))
    #expect(hasSlots(Array(#"{"type":"turn_context"}"#.utf8)))
    #expect(hasSlots(userMessage("<cwd>/a</cwd>")) && !hasSlots(userMessage("<cwd>")))
    #expect(!hasSlots(userMessage("<cwd>/a</cwd>", "assistant")))
    #expect(!hasSlots(Array("{".utf8)) && !hasSlots(userMessage("hello")))
  }
}
