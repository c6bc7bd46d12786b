import CanonicalJSON
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Rows that a delivery found, and that its undoing gives back as they were.
struct UndoneRowTests {
  private let thread = Sample.thread(1)

  /// A home with a thread whose file was lost, and whose row holds what only a row does.
  private func losing(_ scene: Scene, _ talk: TranscriptBuilder) throws -> JSONValue? {
    let path = try scene.home.add(ThreadSample(talk, columns: [("name", "mine"), ("is_pinned", 1)]))
    try DurableFile.remove(path)
    return try scene.home.row(thread)
  }

  @Test func aRowThatTheDeliveryNeverWroteStays() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      // The row is now as a delivery would write it.
      try scene.home.execute("UPDATE threads SET is_pinned = 1, name = 'mine'")
      let row = try scene.home.row(thread)
      try DurableFile.remove(try #require(try scene.file(thread)))
      let restored = try scene.sync(package)
      #expect(restored.plan.actions == [.import])
      try scene.rollback(.id(try #require(restored.transaction)))
      #expect(try scene.home.row(thread) == row && scene.file(thread) == nil)
    }
  }

  @Test func aRowThatWasCompletedIsAsItWas() throws {
    try Scene.play { scene in
      let row = try losing(scene, Sample.talk("one"))
      let restored = try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      #expect(try restored.plan.actions == [.import] && scene.home.row(thread) != row)
      let undone = try scene.rollback()
      #expect(try scene.home.row(thread) == row)
      // And so it is when the undoing is undone, and that again.
      let redone = try scene.rollback(.id(try #require(undone.transaction)))
      #expect(try scene.file(thread) != nil)
      try scene.rollback(.id(try #require(redone.transaction)))
      #expect(try scene.home.row(thread) == row && scene.file(thread) == nil)
    }
  }

  @Test func aToolThatWasThereIsThereAgain() throws {
    try Scene.play { scene in
      _ = try losing(scene, Sample.talk("one"))
      try scene.home.execute(
        "INSERT INTO thread_dynamic_tools VALUES (?, 0, 'mine', 'kept', '{}', 0, NULL)",
        [.string(thread.text)])
      let before = try HomeSnapshot(scene.home)
      var builder = try PackageBuilder(scene.root.appending("p"), ThreadSample(Sample.talk("one")))
      builder.tools = [
        ["thread_id": .string(thread.text), "position": 0, "name": "theirs", "input_schema": "{}"],
        ["thread_id": .string(thread.text), "position": 1, "name": "more", "input_schema": "{}"],
      ]
      try scene.sync(try builder.write())
      #expect(try scene.home.query("SELECT name FROM thread_dynamic_tools").count == 2)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func anEdgeThatWasThereIsThereAgain() throws {
    try Scene.play { scene in
      let parent = Sample.thread(2)
      try scene.home.execute(
        """
        CREATE TABLE thread_spawn_edges (
          parent_thread_id TEXT NOT NULL, child_thread_id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL)
        """)
      var child = Sample.talk("one")
      var record = try JSONValue(parsing: child.lines[0])
      record["payload"]?["source"] = [
        "subagent": ["thread_spawn": ["parent_thread_id": .string(parent.text), "depth": 1]]
      ]
      child.lines[0] = record.bytes
      let path = try scene.home.add(ThreadSample(child))
      try DurableFile.remove(path)
      try scene.home.execute(
        "INSERT INTO thread_spawn_edges VALUES (?, ?, 'closed')",
        [.string(parent.text), .string(thread.text)])
      let before = try scene.home.query("SELECT * FROM thread_spawn_edges")
      let restored = try scene.sync(try scene.package("p", ThreadSample(child)))
      #expect(restored.plan.actions == [.import])
      #expect(try scene.home.query("SELECT * FROM thread_spawn_edges") != before)
      try scene.rollback()
      #expect(try scene.home.query("SELECT * FROM thread_spawn_edges") == before)
    }
  }

  @Test func whatHungOnARowComesBackWithIt() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.home.execute(
        "INSERT INTO thread_attachments VALUES ('a', ?, 'note', 'k', 'text', 1)", [.string(thread.text)])
      let before = try scene.home.query("SELECT * FROM thread_attachments")
      let undone = try scene.rollback()
      #expect(try scene.home.query("SELECT * FROM thread_attachments").isEmpty)
      try scene.rollback(.id(try #require(undone.transaction)))
      #expect(try scene.home.query("SELECT * FROM thread_attachments") == before)
    }
  }

  @Test func aRowComesBackAlsoWhereItsSectionWasRemoved() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.home.execute("INSERT INTO thread_sections VALUES ('s', 'Section', NULL)")
      try scene.home.execute("UPDATE threads SET thread_section_id = 's', name = 'mine'")
      let undone = try scene.rollback()
      try scene.home.execute("DELETE FROM thread_sections")
      try scene.rollback(.id(try #require(undone.transaction)))
      let row = try #require(try scene.home.row(thread))
      #expect(row["thread_section_id"] == .null && row["name"] == "mine")
    }
  }
}
