import CanonicalJSON
import SyncTestSupport
import Testing

@testable import Rollout

@Suite struct RecordRewriterTests {
  private func rewritten(
    _ line: String, _ rewriter: RecordRewriter = .toBob, ordinal: Int64? = nil,
    head: RecordRewriter.HeadChanges? = nil,
    translate: (Int64) -> Int64 = { $0 }
  ) -> String {
    let bytes = Array(line.utf8)
    let kind = record(bytes).kind
    var dropped = DroppedKeys()
    let result = rewriter.rewrite(
      bytes, kind: kind, ordinal: ordinal, head: head, dropped: &dropped, translate: translate)
    return String(decoding: result, as: UTF8.self)
  }

  /// Every slot, each with its value marked `@`; all other bytes are odd on purpose.
  @Test(arguments: [
    #" {"type" :"session_meta","payload":{ "cwd":"@", "originator":"/home/alice/a","git":{"branch":"/home/alice"} }} "#,
    #"{"payload":{"cwd":"@","model":"\/home\/alice"},"type":"turn_context"}"#,
    #"{"type":"event_msg","payload":{"type":"thread_settings_applied","thread_settings":{"cwd":"@" ,"model":"/home/alice"}}}"#,
    #"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"text":"\u003c<environment_context>\n<cwd>@</cwd><cwd>/home/alice/a</cwd><root>@</root>\/<root>@</root>"}]}}"#,
  ])
  func rewritesTheSlotsAndNothingElse(template: String) {
    func line(_ path: String) -> String { template.split(separator: "@").joined(separator: path) }
    let original = line("/home/alice/a")
    #expect(rewritten(original) == line("/home/bob/a"))
    #expect(rewritten(line(#"/home/alice\/\u0061é"#)) == line("/home/bob/aé"))
    #expect(record(rewritten(original)).digest == record(original).digest)
  }

  @Test(arguments: [
    #"{"type":"response_item","payload":{"type":"function_call","arguments":"{\"workdir\":\"/home/alice/a\"}"}}"#,
    #"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"text":"I said <cwd>/home/alice/a</cwd>"}]}}"#,
    #"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"text":"<root>/home/alice/a</root>"}]}}"#,
    #"{"type":"response_item","payload":{"type":"message","role":"developer","content":[{"text":"<environment_context><cwd>/home/alice</cwd>"}]}}"#,
    #"{"type":"world_state","payload":{"state":{"cwd":"/home/alice/a"}}}"#,
    #"{"type":"compacted","payload":{"cwd":"/home/alice"}}"#,
    #"{"type":"event_msg","payload":{"type":"item_completed","item":{"cwd":"/home/alice/a"}}}"#,
    #"{"type":"of_tomorrow","payload":{"cwd":"/home/alice/a"}}"#,
    #"{"type":"turn_context","payload":{"cwd":"relative"}}"#,
    #"{"type":"turn_context","payload":{"cwd":["/home/alice"]}}"#,
    #"{"type":"turn_context","payload":"/home/alice"}"#,
    #"{"type":"turn_context"}"#, #"{"type":"turn_context","payload":{"cwd":"/home/alice/\ud800"}}"#, "\0\0",
    "{", "5", "[]",
  ])
  func leavesEverythingElseAlone(line: String) {
    #expect(rewritten(line) == line)
  }

  @Test func setsTheOrdinal() {
    #expect(rewritten(#"{"t":1,"ordinal":7 ,"type":"x"}"#, ordinal: 3) == #"{"t":1,"ordinal":3 ,"type":"x"}"#)
    #expect(rewritten(#"{"t":1, "type":"x"}"#, ordinal: 3) == #"{"t":1, "type":"x","ordinal":3}"#)
    #expect(rewritten(#"{"ordinal":"7","type":"x"}"#, ordinal: 3) == #"{"ordinal":3,"type":"x"}"#)
    #expect(rewritten(#"{ "ordinal":3 }"#, ordinal: 3) == #"{ "ordinal":3 }"#)
  }

  @Test(arguments: ["5", "[]", "[1]", "\"a\"", "null", "\0\0"]) func numbersNothingThatIsNoObject(
    line: String
  ) {
    #expect(rewritten(line, ordinal: 3) == line)
  }

  @Test func renamesAThreadAndItsParents() {
    let old = Sample.thread(1)
    let new = Sample.thread(2)
    let rewriter = RecordRewriter(paths: RecordRewriter.identity, renames: [old: new])
    func line(_ id: String) -> String {
      #"{"type":"session_meta","payload":{"session_id":"\#(id)","id":"\#(id)","parent_thread_id":"\#(id)","#
        + #""source":{"subagent":{"thread_spawn":{"parent_thread_id":"\#(id)","depth":1}}},"forked_from_id":"\#(old)"}}"#
    }
    #expect(rewritten(line(old.text), rewriter) == line(new.text))
    #expect(rewritten(line(Sample.thread(3).text), rewriter) == line(Sample.thread(3).text))
    #expect(record(line(old.text)).digest == record(line(new.text)).digest)
    let event = #"{"type":"event_msg","payload":{"type":"item_completed","thread_id":"\#(old)"}}"#
    #expect(rewritten(event, rewriter) == event)
  }

  @Test func changesTheHead() {
    let line =
      #"{"type":"session_meta","payload":{"id":"a","forked_from_id":"b","history_base":{"x":1},"#
      + #""forked_from_ordinal_exclusive":32,"subagent_history_start_ordinal":9,"history_base":2}}"#
    let head = RecordRewriter.HeadChanges(marker: ["closed": true], forkedFrom: Sample.thread(5))
    #expect(
      rewritten(line, .none, head: head, translate: { $0 - 1 })
        == #"{"type":"session_meta","payload":{"id":"a","forked_from_id":"\#(Sample.thread(5))","#
        + #""forked_from_ordinal_exclusive":31,"subagent_history_start_ordinal":8,"codex_session_sync":{"closed":true}}}"#
    )
    #expect(rewritten(line, .none) == line)
  }

  @Test func givesAHeadTheProviderThatIsConfiguredHere() {
    let line = #"{"type":"session_meta","payload":{"id":"a","model_provider":"theirs"}}"#
    let head = RecordRewriter.HeadChanges(provider: "ours")
    #expect(
      rewritten(line, .none, head: head)
        == #"{"type":"session_meta","payload":{"id":"a","model_provider":"ours"}}"#)
    #expect(rewritten(line, .none, head: RecordRewriter.HeadChanges()) == line)
  }

  @Test func addsToAHeadThatHasOnlyABase() {
    let head = RecordRewriter.HeadChanges(marker: 1, forkedFrom: Sample.thread(5))
    #expect(
      rewritten(#"{"type":"session_meta","payload":{"history_base":{}}}"#, .none, head: head)
        == #"{"type":"session_meta","payload":{"forked_from_id":"\#(Sample.thread(5))","codex_session_sync":1}}"#
    )
  }

  @Test(arguments: [SessionMeta.Format.legacy, .paginated])
  func localisingChangesNoDigestOfATranscript(format: SessionMeta.Format) {
    var builder = TranscriptBuilder(format: format)
    builder.turn("first", tool: "ls /home/alice")
    for line in builder.lines {
      let new = RecordRewriter.toBob.rewrite(line, kind: record(line).kind)
      #expect(record(new).digest == record(line).digest)
    }
  }
}
