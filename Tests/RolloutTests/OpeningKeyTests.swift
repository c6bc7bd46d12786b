import CanonicalJSON
import SyncTestSupport
import Testing

@testable import Rollout

/// What of a record that Codex acts on comes through.
@Suite struct OpeningKeyTests {
  private func received(_ line: String) -> (line: String, dropped: DroppedKeys) {
    var dropped = DroppedKeys()
    let bytes = Array(line.utf8)
    let result = RecordRewriter.toBob.rewrite(
      bytes, kind: record(bytes).kind, ordinal: nil, dropped: &dropped)
    return (String(decoding: result, as: UTF8.self), dropped)
  }

  private static let policy =
    #""approval_policy":"untrusted","sandbox_policy":{"type":"read-only"},"approvals_reviewer":"user""#

  @Test(arguments: [
    // What starts something.
    (
      #"{"type":"session_meta","payload":{"id":"a","selected_capability_roots":[{"id":"x"}],"cwd":"/"}}"#,
      #"{"type":"session_meta","payload":{"id":"a","cwd":"/"}}"#, ["session_meta.selected_capability_roots"]
    ),
    // The same in an odd spelling.
    (
      #"{"type":"session_meta","payload":{"selected_capability_r\u006fots":[],"id":"a"}}"#,
      #"{"type":"session_meta","payload":{"id":"a"}}"#, ["session_meta.selected_capability_roots"]
    ),
    // What is not known, at any depth, and in the envelope.
    (
      #"{"type":"session_meta","new":1,"payload":{"git":{"branch":"m","hook":"x"},"dynamic_tools":[{"name":"t","command":"x"}]}}"#,
      #"{"type":"session_meta","payload":{"git":{"branch":"m"},"dynamic_tools":[{"name":"t"}]}}"#,
      ["session_meta.dynamic_tools.command", "session_meta.git.hook", "session_meta.new"]
    ),
    // What a tool takes is free.
    (
      #"{"type":"session_meta","payload":{"dynamic_tools":[{"inputSchema":{"x":{"y":[1]}}}]}}"#,
      #"{"type":"session_meta","payload":{"dynamic_tools":[{"inputSchema":{"x":{"y":[1]}}}]}}"#, []
    ),
    // A source that is not known would not be read at all.
    (
      #"{"type":"session_meta","payload":{"source":{"robot":1}}}"#,
      #"{"type":"session_meta","payload":{"source":"unknown"}}"#, ["session_meta.source"]
    ),
    (
      #"{"type":"session_meta","payload":{"source":{"subagent":{"other":"guardian"}}}}"#,
      #"{"type":"session_meta","payload":{"source":{"subagent":{"other":"guardian"}}}}"#, []
    ),
    // Roots are the record's own folder.
    (
      #"{"type":"session_meta","payload":{"cwd":"/home/alice/a","runtime_workspace_roots":["/etc","/home/alice"]}}"#,
      #"{"type":"session_meta","payload":{"cwd":"/home/bob/a","runtime_workspace_roots":["/home/bob/a"]}}"#,
      []
    ),
    (
      #"{"type":"turn_context","payload":{"workspace_roots":["/etc"],"model":"m"}}"#,
      #"{"type":"turn_context","payload":{"model":"m"}}"#, []
    ),
    // What is asked and permitted.
    (
      #"{"type":"turn_context","payload":{"approval_policy":"never","sandbox_policy":{"type":"danger-full-access"},"approvals_reviewer":"auto_review","permission_profile":{"type":"disabled"},"network":{"allowed_domains":["*"]}}}"#,
      #"{"type":"turn_context","payload":{\#(policy)}}"#, []
    ),
    (
      #"{"type":"event_msg","payload":{"type":"thread_settings_applied","thread_settings":{"approval_policy":{"granular":{}},"service_tier":"priority","x":1}}}"#,
      #"{"type":"event_msg","payload":{"type":"thread_settings_applied","thread_settings":{"approval_policy":"untrusted"}}}"#,
      ["thread_settings_applied.thread_settings.x"]
    ),
    // Where an object is expected and something else stands, or the other way round.
    (
      #"{"type":"turn_context","payload":[{"approval_policy":"never","x":1}]}"#,
      #"{"type":"turn_context","payload":[{"approval_policy":"untrusted"}]}"#, ["turn_context.x"]
    ),
    (
      #"{"type":"turn_context","payload":{"model":{"a":1}}}"#,
      #"{"type":"turn_context","payload":{"model":{}}}"#,
      ["turn_context.model.a"]
    ),
    // Codex does not act on these.
    (
      #"{"type":"world_state","payload":{"approval_policy":"never"}}"#,
      #"{"type":"world_state","payload":{"approval_policy":"never"}}"#, []
    ),
  ])
  func onlyTheConversationComesThrough(line: String, expected: String, dropped: [String]) {
    let result = received(line)
    #expect(result.line == expected)
    #expect(result.dropped.counts.keys.sorted() == dropped)
    #expect(record(line).digest == record(result.line).digest, "a tail would bring it again")
  }

  @Test func whatWasLeftOutIsKeptOnceAndCut() {
    let roots = "[" + String(repeating: "1,", count: 4000) + "1]"
    let line = #"{"type":"session_meta","payload":{"selected_capability_roots":\#(roots)}}"#
    let original = received(line).dropped.originals["session_meta.selected_capability_roots"]
    #expect(original == String(roots.prefix(DroppedKeys.limit)))
  }

  @Test func ofManyUnknownKeysTheFirstStandForTheRest() {
    let members = (0..<5000).map { #""k\#($0)":1"# }.joined(separator: ",")
    let dropped = received(#"{"type":"session_meta","payload":{\#(members)}}"#).dropped
    #expect(dropped.counts.count == 101)
    #expect(dropped.counts.values.reduce(0, +) == 5000)
  }

  @Test func whatIsPackedKeepsEverything() {
    let line = Array(
      #"{"type":"session_meta","payload":{"id":"a","selected_capability_roots":[1],"x":1}}"#.utf8)
    #expect(RecordRewriter.packing.rewrite(line, kind: .sessionMeta) == line)
  }

  @Test(arguments: [
    (#"{"type":"a","type":"session_meta","payload":{}}"#, "type"),
    (#"{"type":"session_meta","payload":{},"p\u0061yload":{}}"#, "payload"),
    (#"{"type":"response_item","ordinal":1,"payload":{},"ordinal":2}"#, "ordinal"),
    (#"{"type":"event_msg","payload":{"type":"token_count","type":"thread_settings_applied"}}"#, "type"),
    (#"{"type":"session_meta","payload":{"id":"a","\u0069d":"b"}}"#, "id"),
    (#"{"type":"session_meta","payload":{"git":{"branch":"a","branch":"a"}}}"#, "branch"),
    (#"{"type":"turn_context","payload":{"cwd":"/a","cwd":"/b"}}"#, "cwd"),
    (
      #"{"type":"event_msg","payload":{"type":"thread_settings_applied","thread_settings":{"x":[{"a":1,"a":2}]}}}"#,
      "a"
    ),
    (#"{"type":"session_meta","payload":{"agent_role":"a","agent_type":"a"}}"#, "agent_type"),
    (#"{"type":"session_meta","payload":{"id":"a","ID":"b"}}"#, nil),
    (#"{"type":"response_item","payload":{"arguments":{"a":1,"a":2}}}"#, nil),
    (#"{"type":"world_state","payload":{"a":1,"a":2}}"#, nil),
  ])
  func aKeyThatStandsTwiceIsSeenWhereItDecides(line: String, key: String?) {
    let bytes = Array(line.utf8)
    var reader = RecordReader()
    reader.read(bytes.span)
    #expect(reader.doubledKey(bytes.span) == key)
  }

  @Test func everyKeyIsOnTheListOnce() {
    let places = OpeningKeys.all.map { "\($0.place.rawValue).\($0.path)" }
    #expect(Set(places).count == places.count)
  }

  @Test(arguments: [
    ("gpt-5", true), ("openai/gpt-oss-120b:free", true), ("模型 x", true), ("", false), (" ", false),
    (" m", false), ("m\n", false), ("m\0", false), ("m\u{202E}", false), ("m\u{200B}", false),
    (String(repeating: "m", count: 257), false),
  ])
  func aModelIsOneVisibleLine(text: String, isOne: Bool) {
    #expect(SettingWord.isModel(text) == isOne)
  }
}
