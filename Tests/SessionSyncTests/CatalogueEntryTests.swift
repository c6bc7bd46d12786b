import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Threads whose file is here and whose row is not.
struct CatalogueEntryTests {
  private let thread = Sample.thread(1)

  private func health(_ scene: Scene) throws -> HealthReport {
    try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
  }

  @Test(arguments: [1, 2, 3])
  func aDeliveryEntersTheThreadThatItMeets(_ turns: Int) throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one", "two")), hasRow: false)
      #expect(try health(scene).findings(of: .filesHaveRows).map(\.subject) == [thread.text])
      var builder = try PackageBuilder(scene.root.appending("p"))
      let talk = [Sample.talk("one"), Sample.talk("one", "two"), Sample.talk("one", "two", "three")][
        turns - 1]
      try builder.add(ThreadSample(talk, columns: [("name", "Named")]))
      let before = try HomeSnapshot(scene.home)
      let done = try scene.sync(try builder.write())
      #expect(done.plan.classifications == [turns == 3 ? "fast_forward_import" : "unchanged"])
      #expect(done.plan.entries.map(\.thread) == (turns == 3 ? [] : [thread]))
      let row = try #require(try scene.home.row(thread))
      #expect(row["name"] == "Named" && row["preview"] == "one" && row["history_mode"] == "paginated")
      let place = try scene.file(thread)?.string
      #expect(
        row["model_provider"] == "openai"
          && row["rollout_path"] == .string(place ?? ""))
      #expect(try health(scene).isSound)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
    }
  }

  @Test func aThreadThatWentOnSinceStaysEntered() throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one")), hasRow: false)
      try scene.sync(scene.package("p", Sample.talk("one")))
      try scene.home.add(Sample.talk("one", "two"))
      let undone = try scene.rollback()
      #expect(undone.plan.kept.map(\.thread) == [thread])
      #expect(try scene.home.row(thread) != nil)
    }
  }

  @Test func adoptingEntersAThread() throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one")), hasRow: false)
      let adopt = Adopt(
        home: try scene.home.open(), threads: [thread], surroundings: try scene.surroundings)
      #expect(try adopt.execute().transaction != nil)
      #expect(try scene.home.row(thread)?["preview"] == "one")
      #expect(try health(scene).isSound)
    }
  }

  @Test func providerAndMemoryModeAreTheTranscripts() throws {
    try Scene.play { scene in
      var talk = Sample.talk(
        "one", extra: [("model_provider", "mock"), ("memory_mode", "enabled")])
      talk.record(
        "session_meta",
        ["id": .string(thread.text), "timestamp": .string(Sample.time(9)), "memory_mode": "disabled"])
      try scene.home.add(ThreadSample(talk), hasRow: false)
      let package = try scene.packup("out").summary.path
      try Scene.play { other in
        try other.sync(package)
        let row = try #require(try other.home.row(thread))
        #expect(row["model_provider"] == "mock" && row["memory_mode"] == "disabled")
      }
    }
  }

  /// What the transfer tool needs in a row is not what a thread's own columns say.
  @Test func whatWasFilledInIsNotReadAsAFact() throws {
    try Scene.play { scene in
      let nulls: [(String, JSONValue)] = [("cli_version", ""), ("first_user_message", ""), ("model", .null)]
      try scene.home.add(
        ThreadSample(Sample.talk("one", extra: [("model_provider", "mock")]), columns: nulls))
      try scene.home.execute("UPDATE threads SET model_provider = 'mock', memory_mode = 'disabled'")
      let package = try scene.packup("out").summary.path
      let lineage = try JSONValue(
        parsing: try FileReading.bytes(of: package.pushing(FilePath("metadata/lineage.json"))))
      let filled = lineage["threads"]?[thread.text]?["filled_columns"]?.array
      #expect(filled?.contains("model_provider") == false && filled?.contains("memory_mode") == false)
      try Scene.play { other in
        try other.sync(package)
        #expect(try other.home.row(thread)?["memory_mode"] == "disabled")
      }
    }
  }

  @Test func onlySpawnedAgentsGetAnEdge() throws {
    try Scene.play { scene in
      try scene.home.execute(
        "CREATE TABLE IF NOT EXISTS thread_spawn_edges (parent_thread_id TEXT NOT NULL, "
          + "child_thread_id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL)")
      let parent = JSONValue.string(thread.text)
      let sources: [JSONValue] = [
        ["subagent": "review"], ["subagent": ["other": "guardian"]],
        ["subagent": ["thread_spawn": ["parent_thread_id": parent, "depth": 1]]], "vscode",
      ]
      var children: [TranscriptBuilder] = []
      for (index, source) in sources.enumerated() {
        children.append(
          Sample.talk(
            "child \(index)", thread: Sample.thread(UInt16(index + 2)),
            extra: [("source", source), ("parent_thread_id", parent)]))
      }
      // They are here without their rows, and delivered again.
      for child in children { try scene.home.add(ThreadSample(child), hasRow: false) }
      try scene.sync(scene.package("p", children[0], children[1], children[2], children[3]))
      let edges = { try scene.home.query("SELECT * FROM thread_spawn_edges").map { $0["child_thread_id"] } }
      #expect(try edges() == [.string(Sample.thread(4).text)])
      try scene.rollback()
      #expect(try edges().isEmpty)
    }
  }
}
