import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Catalogues that can be read, and would not take what is to be written: found before anything is.
struct RefusedCatalogueTests {
  private let thread = Sample.thread(1)

  @Test(arguments: [
    ("CREATE TRIGGER no BEFORE INSERT ON threads BEGIN SELECT RAISE(ABORT, 'not today'); END", "not today"),
    ("ALTER TABLE threads ADD COLUMN future TEXT NOT NULL DEFAULT 'x' CHECK (future <> 'x')", "CHECK"),
    (
      "CREATE TRIGGER no AFTER INSERT ON threads BEGIN INSERT INTO thread_dynamic_tools (thread_id) VALUES (NULL); END",
      "NOT NULL"
    ),
  ])
  func whatRefusesGetsNoRowAndTheFilesAreWritten(_ sql: String, _ reason: String) throws {
    try Scene.play { scene in
      try scene.home.execute(sql)
      let before = try scene.home.query("SELECT * FROM threads")
      let package = try scene.package("p", Sample.talk("one"))
      let result = try scene.sync(package)
      let warning = try #require(result.plan.sessions[0].warnings.first { $0.code == .filesOnly })
      #expect(warning.detail?.hasPrefix("refusing: ") == true && warning.detail?.contains(reason) == true)
      #expect(try scene.file(thread) != nil)
      #expect(try scene.home.query("SELECT * FROM threads") == before)
      try scene.rollback()
      #expect(try scene.file(thread) == nil)
    }
  }

  /// A statement that works on a damaged index makes the damage worse.
  @Test func aDamagedIndexIsFoundBeforeItIsWrittenTo() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      try scene.home.breakIndex()
      let plan = try scene.plan(try scene.package("p", Sample.talk("one")))
      let warning = try #require(plan.sessions[0].warnings.first { $0.code == .filesOnly })
      #expect(warning.detail?.hasPrefix("damaged: ") == true)
      try scene.sync(scene.root.appending("p"))
      #expect(try scene.home.row(thread) == nil && scene.file(thread) != nil)
    }
  }

  @Test func whatIsToBeUndoneInACatalogueThatRefusesIsLeft() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.home.execute(
        "CREATE TRIGGER no BEFORE DELETE ON threads BEGIN SELECT RAISE(ABORT, 'not today'); END")
      let before = try HomeSnapshot(scene.home)
      let error = #expect(throws: SyncError.self) { try scene.rollback() }
      guard case .home(.database(_, let reason)) = error else { throw try #require(error) }
      #expect(reason.contains("not today"))
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try scene.transactions().map(\.status) == [.committed])
    }
  }

  /// Times move on at any moment; they are in nobody's way.
  @Test func aRowThatCodexMovedOnIsWrittenAllTheSame() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let found = try #require(try scene.home.open().stateDatabase())
      let row = try #require(try scene.home.row(thread))
      let edit = StateDatabase.Edit(
        table: "threads", key: ["id": .string(thread.text)],
        before: ["title": row["title"] ?? .null, "updated_at_ms": row["updated_at_ms"] ?? .null],
        after: ["title": "new", "updated_at_ms": 5])
      try scene.home.execute("UPDATE threads SET updated_at_ms = updated_at_ms + 1")
      try StateDatabase(found.path).apply([edit])
      #expect(try scene.home.row(thread)?["title"] == "new")
      #expect(throws: CodexHomeError.databaseBusy(found.path)) { try StateDatabase(found.path).apply([edit]) }
    }
  }
}
