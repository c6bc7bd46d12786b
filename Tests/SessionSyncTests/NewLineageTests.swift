import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct NewLineageTests {
  @Test(arguments: SessionMeta.Format.all, [true, false])
  func aNewThreadIsOneFileAtItsPlace(_ format: SessionMeta.Format, _ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      let sample = ThreadSample(Sample.talk("one", "two", format: format))
      let result = try scene.sync(try scene.package("p", sample))
      let session = try #require(result.plan.sessions.first)
      #expect(session.classification == .newLineage && session.action == .import)
      #expect(session.matchedBy == nil && session.localThreadID == Sample.thread(1))
      let path = try scene.home.path(of: sample)
      #expect(try scene.file(Sample.thread(1)) == path)
      #expect(try FileStamp.of(path)?.modified == modifiedAtEnd(sample))
      #expect(try FileReading.bytes(of: path).count == session.size.bytes)
      #expect(try path.lines().count == session.size.records)
      #expect(try FileStamp.of(scene.home.catalogue) != nil || !hasCatalogue)
      #expect(session.warnings.contains(.init(.filesOnly, "missing")) == !hasCatalogue)
    }
  }

  @Test(arguments: SessionMeta.Format.all)
  func onlyMachineBoundSlotsOfHistoryDifferAndTheReceiverHasTheLastWord(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let talk = Sample.talk("one", format: format)
      try scene.sync(try scene.package("p", talk))
      let written = try #require(try scene.file(talk.thread)).lines()
      #expect(written.count == talk.lines.count + 1)
      for (line, original) in zip(written, talk.lines) {
        // What is asked and permitted is not the sender's to say.
        let text = String(decoding: original, as: UTF8.self)
        let record = try JSONValue(parsing: line)
        if record["type"] == "turn_context" || record["payload"]?["type"] == "thread_settings_applied" {
          continue
        }
        if record["payload"]?["base_instructions"] != nil { continue }
        let local = text.split(separator: "/home/alice/project").joined(separator: scene.project)
        #expect(String(decoding: line, as: UTF8.self) == (record["type"] == "world_state" ? text : local))
      }
      let meta = try JSONValue(parsing: try #require(written.first))["payload"]
      #expect(meta?["cwd"]?.string == scene.project)
      #expect(meta?["base_instructions"]?["text"] == "You are a coding agent; see /home/alice/project.")
      let last = try JSONValue(parsing: try #require(written.last))
      #expect(last["ordinal"] == (format == .paginated ? .integer(Int64(talk.lines.count)) : nil))
      #expect(last["timestamp"]?.string == Sample.time(talk.seconds - 1))
      #expect(last["payload"]?["type"] == "thread_settings_applied")
      #expect(last["payload"]?["thread_id"]?.string == talk.thread.text)
      let settings = last["payload"]?["thread_settings"]
      #expect(settings?["approval_policy"] == "on-request" && settings?["approvals_reviewer"] == "user")
      #expect(settings?["cwd"]?.string == scene.project)
      #expect(settings?["runtime_workspace_roots"] == [.string(scene.project)])
      #expect(settings?["permission_profile"]?["type"] == "managed" && settings?["model"] == "gpt-5")
    }
  }

  @Test(arguments: SessionMeta.Format.all)
  func theRowIsTheSendersButForWhatIsThisMachines(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let sample = ThreadSample(
        Sample.talk("one", format: format),
        columns: [
          ("model_provider", "elsewhere"), ("git_branch", "main"), ("is_pinned", 1), ("project_id", "p1"),
          ("creator_user_id", "u1"), ("tokens_used", 77),
        ])
      let result = try scene.sync(try scene.package("p", sample))
      let row = try #require(try scene.home.row(Sample.thread(1)))
      let path = try scene.home.path(of: sample)
      let expected: [(String, JSONValue)] = [
        ("id", .string(Sample.thread(1).text)), ("rollout_path", .string(path.string)),
        ("created_at", 1_795_168_800), ("created_at_ms", 1_795_168_800_000),
        ("updated_at", .integer(sample.updated)), ("updated_at_ms", .integer(sample.updated * 1000)),
        ("recency_at", .integer(sample.updated)), ("recency_at_ms", .integer(sample.updated * 1000)),
        ("source", "vscode"), ("model_provider", "openai"), ("cwd", .string(scene.project)), ("title", "one"),
        ("preview", "one"), ("first_user_message", "one"), ("approval_mode", "on-request"),
        ("tokens_used", 77),
        ("archived", 0), ("archived_at", .null), ("history_mode", .string(format.rawValue)), ("name", .null),
        ("git_branch", "main"), ("is_pinned", 0), ("project_id", .null), ("creator_user_id", .null),
        ("model", "gpt-5"), ("memory_mode", "enabled"),
      ]
      for (column, value) in expected { #expect(row[column] == value, "\(column)") }
      #expect(row["sandbox_policy"]?.string?.contains("danger") == false)
      #expect(result.plan.sessions[0].warnings.contains(.init(.providerReplaced, "elsewhere by openai")))
      #expect(try scene.records(Sample.thread(1))[0]["payload"]?["model_provider"] == "openai")
    }
  }

  @Test(arguments: SessionMeta.Format.all)
  func aNameTravelsToWhereThisFormatKeepsIt(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let column = format == .paginated ? "name" : "title"
      let named = ThreadSample(Sample.talk("one", format: format), columns: [(column, "My name")])
      try scene.sync(try scene.package("p", named))
      let row = try #require(try scene.home.row(Sample.thread(1)))
      #expect(row["name"] == (format == .paginated ? "My name" : .null))
      #expect(row["title"] == (format == .paginated ? "one" : "My name"))
      #expect(row["preview"] == "one")
      let line = try JSONValue(
        parsing: try #require(try scene.home.root.appending("session_index.jsonl").lines().first))
      #expect(
        line["thread_name"] == "My name"
          && line["updated_at"]?.string == Sample.time(named.transcript.seconds - 1))
    }
  }

  @Test func aThreadWithoutANameGetsNoIndexLine() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      #expect(try FileStamp.of(scene.home.root.appending("session_index.jsonl")) == nil)
    }
  }

  @Test(arguments: SessionMeta.Format.all)
  func theArchivedStateTravels(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let sample = ThreadSample(Sample.talk("one", format: format), isArchived: true)
      try scene.sync(try scene.package("p", sample))
      let name = try sample.transcript.name.text
      #expect(
        try scene.file(Sample.thread(1)) == scene.home.root.appending("archived_sessions").appending(name))
      let row = try #require(try scene.home.row(Sample.thread(1)))
      #expect(row["archived"] == 1 && row["archived_at"] == .integer(sample.updated))
    }
  }

  @Test func aThreadThatNobodyAskedAnythingIsStillListed() throws {
    try Scene.play { scene in
      var talk = TranscriptBuilder()
      talk.message("assistant", "I begin")
      try scene.sync(try scene.package("p", ThreadSample(talk, preview: "")))
      #expect(try scene.home.row(Sample.thread(1))?["preview"]?.string?.isEmpty == false)
    }
  }

  @Test func toolsOfAThreadTravelByTheColumnsThatExist() throws {
    try Scene.play { scene in
      var package = try PackageBuilder(scene.root.appending("p"), ThreadSample(Sample.talk("one")))
      package.tools = [
        [
          "thread_id": .string(Sample.thread(1).text), "position": 0, "name": "look", "description": "d",
          "input_schema": "{}", "defer_loading": 1, "from_the_future": 1,
        ]
      ]
      try scene.sync(try package.write())
      let tools = try scene.home.query("SELECT * FROM thread_dynamic_tools")
      #expect(tools.count == 1 && tools[0]["name"] == "look" && tools[0]["defer_loading"] == 1)
    }
  }

  @Test func aThreadWhoseFileWasLostComesBackUnderItsRow() throws {
    try Scene.play { scene in
      let sample = ThreadSample(Sample.talk("one"), columns: [("is_pinned", 1)])
      try DurableFile.remove(try scene.home.add(sample))
      try scene.home.derive(Sample.thread(1))
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", ThreadSample(Sample.talk("one", "two")))
      let result = try scene.sync(package)
      #expect(result.plan.actions == [.import])
      #expect(result.plan.classifications == ["new_lineage"])
      #expect(try scene.records(Sample.thread(1)).count == Sample.talk("one", "two").lines.count + 1)
      let row = try #require(try scene.home.row(Sample.thread(1)))
      #expect(row["is_pinned"] == 1 && row["updated_at"]?.integer ?? 0 > sample.updated)
      let derived = try scene.home.query("SELECT * FROM thread_turns", in: "thread_history_1.sqlite")
      #expect(derived.isEmpty)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home).rows == before.rows)
    }
  }

  @Test func ordinalsThatGoBackAreNumberedAnew() throws {
    try Scene.play { scene in
      var talk = Sample.talk("one")
      talk.nextOrdinal = 2
      talk.turn("two")
      try scene.sync(try scene.package("p", talk))
      let ordinals = try scene.records(Sample.thread(1)).compactMap { $0["ordinal"]?.integer }
      #expect(ordinals == (0..<Int64(talk.lines.count + 1)).map { $0 })
    }
  }

  @Test func aPaginatedThreadIsNotWrittenForACodexThatCannotReadIt() throws {
    try Scene.play(migration: 40) { scene in
      let package = try scene.package(
        "p", Sample.talk("one"), Sample.talk("one", thread: Sample.thread(2), format: .legacy))
      let result = try scene.sync(package)
      #expect(result.plan.actions == [.blocked, .import])
      #expect(result.plan.sessions[0].blockers.map(\.code) == [.unsupportedByLocalCodex])
      #expect(result.plan.sessions[1].warnings.map(\.code).contains(.settingsNotHonoured))
    }
  }
}
