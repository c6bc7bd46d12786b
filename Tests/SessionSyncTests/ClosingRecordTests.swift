import CanonicalJSON
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// What Codex acts on when it opens what was delivered is this machine's, whatever the package says.
struct ClosingRecordTests {
  private let thread = Sample.thread(1)

  /// A conversation behind which a settings record of the sender's has the last word.
  private func talk(_ questions: [String] = ["one"], settings: JSONValue) -> TranscriptBuilder {
    var talk = Sample.talk()
    for question in questions { talk.turn(question) }
    talk.event(
      "thread_settings_applied",
      [("thread_id", .string(thread.text)), ("thread_settings", settings)])
    return talk
  }

  @Test(
    arguments: [
      ["model": "", "approval_policy": "never"], ["model": .null], ["model": 5], ["model": " "],
      ["model": "\0"],
      ["model": "gpt-5", "reasoning_effort": ""], ["model": "gpt-5", "reasoning_effort": "foo"],
      ["model": "gpt-5", "reasoning_effort": 3], ["model": "gpt-5", "model_provider_id": ""], [:],
    ] as [JSONValue])
  func whateverTheSenderSaysOursIsTheLastWordAndValid(settings: JSONValue) throws {
    for isAppend in [false, true] {
      try Scene.play { scene in
        if isAppend { try scene.home.add(Sample.talk("one")) }
        try scene.sync(try scene.package("p", talk(isAppend ? ["one", "two"] : ["one"], settings: settings)))
        let last = try #require(try scene.records(thread).last?["payload"])
        #expect(last["type"] == "thread_settings_applied" && last["thread_id"] == .string(thread.text))
        let ours = last["thread_settings"]
        #expect(ours?["model"] == "gpt-5" && ours?["approval_policy"] == "on-request")
        #expect(ours?["reasoning_effort"] == nil && ours?["model_provider_id"] == "openai")
        // What was here before is the receiver's own.
        if isAppend { return }
        let records = try scene.records(thread)
        #expect(records.allSatisfy { !$0.holds("never") && !$0.holds("danger-full-access") })
      }
    }
  }

  @Test func withoutAModelASessionIsBlockedAndTheOthersGoOn() throws {
    func silent(_ talk: TranscriptBuilder) throws -> ThreadSample {
      var talk = talk
      talk.lines = try talk.lines.filter { line in
        let record = try JSONValue(parsing: line)
        return record["type"] != "turn_context" && record["payload"]?["type"] != "thread_settings_applied"
      }
      return ThreadSample(talk, columns: [("model", "")])
    }
    try Scene.play { scene in
      let package = try scene.package("p", try silent(Sample.talk("one")))
      let blocker = try #require(try scene.plan(package).entry(thread)?.blockers.first)
      #expect(blocker.code == .unsafe && blocker.detail == "no_model")
      #expect(try scene.sync(package).transaction == nil)
      // The model of the thread that was used last is one that is known here.
      try scene.home.add(Sample.talk("mine", thread: Sample.thread(2)))
      #expect(try scene.sync(package).plan.entry(thread)?.action == .import)
      #expect(try scene.records(thread).last?["payload"]?["thread_settings"]?["model"] == "gpt-5")
    }
    try Scene.play(config: "model = \"gpt-6\"\n") { scene in
      try scene.sync(try scene.package("p", try silent(Sample.talk("one"))))
      #expect(try scene.records(thread).last?["payload"]?["thread_settings"]?["model"] == "gpt-6")
    }
  }

  @Test func whatIsLeftOutIsNamedAndKeptInTheJournal() throws {
    let roots: JSONValue = [["id": "x@1"]]
    let sent = Sample.talk("one", extra: [("selected_capability_roots", roots)])
    try Scene.play { scene in
      let package = try scene.package("p", sent)
      let result = try scene.sync(package)
      let warning = SessionWarning(.keysDropped, "session_meta.selected_capability_roots")
      #expect(result.plan.entry(thread)?.warnings.contains(warning) == true)
      #expect(try scene.records(thread)[0]["payload"]?["selected_capability_roots"] == nil)
      let session = try #require(try scene.transactions().first?.details["sessions"]?.array?.first)
      #expect(
        session["dropped"]?["session_meta.selected_capability_roots"]
          == .string(String(decoding: roots.bytes, as: UTF8.self)))
      #expect(try scene.plan(package).isEmpty)
      // On the way home nothing is invented.
      _ = try scene.packup("out")
      #expect(try !scene.root.pushing("out").holds("selected_capability_roots"))
    }
  }

  @Test func aTailBringsNoRecordAgainThatIsHereWithoutWhatWasLeftOut() throws {
    var sent = talk(settings: ["model": "gpt-5", "service_tier": "priority", "of_tomorrow": 1])
    try Scene.play { scene in
      try scene.sync(try scene.package("p", sent))
      let before = try scene.records(thread).count
      sent.turn("two")
      let turn = sent.lines.count
      try scene.sync(try scene.package("q", sent))
      let one = talk(settings: [:]).lines.count
      #expect(try scene.records(thread).count == before + turn - one + 1)
    }
  }

  @Test(arguments: ["id", "cwd", "originator"]) func aKeyThatStandsTwiceBlocksItsSession(key: String) throws {
    for isEscaped in [false, true] {
      var bad = Sample.talk("one")
      let name = isEscaped ? "\\u00\(String(key.utf8.first ?? 0, radix: 16))\(key.dropFirst())" : key
      let line = String(decoding: bad.lines[0], as: UTF8.self)
      bad.lines[0] = Array(
        line.replacing("\"payload\":{", with: "\"payload\":{\"\(name)\":\"\(thread)\",").utf8)
      try Scene.play { scene in
        let package = try scene.package("p", bad, Sample.talk("good", thread: Sample.thread(2)))
        let plan = try scene.sync(package).plan
        let blocker = try #require(plan.entry(thread)?.blockers.first)
        #expect(blocker.code == .unsafe && blocker.detail == "doubled_key: \(key)" && blocker.place == .first)
        #expect(plan.entry(Sample.thread(2))?.action == .import)
      }
    }
  }

  @Test func aKeyThatStandsTwiceInARowBlocksItsSession() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"), Sample.talk("good", thread: Sample.thread(2)))
      let rows = package.pushing("metadata/threads.jsonl")
      let lines = try rows.lines().map { String(decoding: $0, as: UTF8.self) }
      try package.put(
        "metadata/threads.jsonl",
        "{\"model\": \"m\"," + lines[0].dropFirst() + "\n" + lines[1] + "\n")
      let plan = try scene.plan(package)
      #expect(plan.entry(thread)?.blockers.first?.detail == "doubled_key: line 1, model")
      #expect(plan.entry(Sample.thread(2))?.action == .import)
    }
  }

  private static let odd: [(String, JSONValue)] = [
    ("model", ""), ("model", "\0"), ("model", 5), ("reasoning_effort", "foo"), ("cli_version", ""),
    ("git_branch", "\0"), ("git_sha", "a\nb"), ("git_origin_url", "\u{202E}"),
    ("model", .string(String(repeating: "m", count: 1 << 16))), ("tokens_used", -1),
  ]

  @Test(arguments: odd) func noOddTextTakesThePlaceOfAGoodOne(column: String, value: JSONValue) throws {
    try Scene.play { scene in
      let good: [(String, JSONValue)] = [
        ("model", "gpt-5"), ("reasoning_effort", "high"), ("cli_version", "0.163.0"), ("git_branch", "main"),
        ("git_sha", "abc"), ("git_origin_url", "https://example.org"), ("tokens_used", 120),
      ]
      try scene.home.add(ThreadSample(Sample.talk("one"), columns: good))
      try scene.sync(
        try scene.package("p", ThreadSample(Sample.talk("one", "two"), columns: [(column, value)])))
      let row = try #require(try scene.home.row(thread))
      let here = column == "tokens_used" ? .null : good.first { $0.0 == column }?.1
      #expect(row[column] != value)
      if let here, here != .null { #expect(row[column] == here) }
    }
  }

  @Test(
    arguments: odd + [
      ("source", #"{"robot":1}"#), ("source", "\0"), ("memory_mode", "always"), ("name", "\0"),
    ])
  func aNewRowHoldsNothingOdd(column: String, value: JSONValue) throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", ThreadSample(Sample.talk("one"), columns: [(column, value)])))
      #expect(try scene.home.row(thread)?[column] != value)
    }
  }
}

extension JSONValue {
  /// Whether a text stands anywhere in the value.
  fileprivate func holds(_ text: String) -> Bool {
    string == text || (array ?? []).contains { $0.holds(text) }
      || (members ?? []).contains { $0.value.holds(text) }
  }
}

extension FilePath {
  /// Whether a text stands in any file of the folder.
  fileprivate func holds(_ text: String) throws -> Bool {
    try Folder.names(in: appending("sessions")).contains { name in
      try appending("sessions").appending(name).text().contains(text)
    }
  }
}
