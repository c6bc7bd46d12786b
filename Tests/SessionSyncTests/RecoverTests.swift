import CanonicalJSON
import DurableFiles
import Journal
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct RecoverTests {
  /// A home with a fast-forward, an import and a branch whose transaction never got its commit record.
  private func crashed(_ status: String, _ body: (Scene, HomeSnapshot, HomeSnapshot, String) throws -> Void)
    throws
  {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(Sample.talk("b", "mine", thread: Sample.thread(2)))
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", "theirs", thread: Sample.thread(2)),
        Sample.talk("c", thread: Sample.thread(3)))
      let id = try #require(try scene.sync(package).transaction)
      let manifest = scene.home.root.pushing(FilePath("session-sync/journal/\(id)/manifest.json"))
      var json = try JSONValue(parsing: Array(try manifest.text().utf8.dropLast()))
      json["status"] = .string(status)
      try DurableFile.replace(manifest, with: json.bytes + [0x0A])
      // Its turn comes behind the commit record.
      try DurableFile.remove(scene.home.root.pushing("session-sync/sidecar.sqlite"))
      try body(scene, before, try HomeSnapshot(scene.home), id)
    }
  }

  @Test(arguments: ["prepared", "applied"])
  func whatIsAllThereIsCommitted(_ status: String) throws {
    try crashed(status) { scene, _, after, id in
      let home = try scene.home.open()
      #expect(throws: SyncError.needsRecovery([id])) {
        try Rollback(home: home, surroundings: try scene.surroundings).plan(.latest)
      }
      #expect(throws: SyncError.needsRecovery([id])) { try scene.plan(scene.root.appending("p")) }
      let settled = try Recover(home: home).run()
      #expect(settled.map(\.outcome) == [.completed])
      #expect(try scene.transactions().map(\.status) == [.committed])
      #expect(try HomeSnapshot(scene.home) == after)
      #expect(try Recover(home: home).run().isEmpty)
      try scene.rollback()
    }
  }

  @Test func aDeliveryOfFilesOnlyIsRecoveredBesideADamagedCatalogue() throws {
    try Scene.play(hasCatalogue: false) { scene in
      try scene.home.root.put(
        "state_5.sqlite", "this is no database at all, but long enough to be looked at twice")
      let package = try scene.package("p", Sample.talk("one"), Sample.talk("b", thread: Sample.thread(2)))
      let id = try #require(try scene.sync(package).transaction)
      let manifest = scene.home.root.pushing(FilePath("session-sync/journal/\(id)/manifest.json"))
      var json = try JSONValue(parsing: Array(try manifest.text().utf8.dropLast()))
      json["status"] = "prepared"
      try DurableFile.replace(manifest, with: json.bytes + [0x0A])
      try DurableFile.remove(try #require(try scene.file(Sample.thread(2))))
      #expect(try Recover(home: try scene.home.open()).run().map(\.outcome) == [.undone])
      #expect(try scene.file(Sample.thread(1)) == nil)
    }
  }

  @Test(arguments: ["prepared", "applied"])
  func whatIsThereInPartIsUndone(_ status: String) throws {
    try crashed(status) { scene, before, _, _ in
      try scene.home.execute("DELETE FROM threads WHERE id = '\(Sample.thread(3))'")
      let settled = try Recover(home: try scene.home.open()).run()
      #expect(settled.map(\.outcome) == [.undone])
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try scene.transactions().map(\.status) == [.abandoned])
      let again = try scene.sync(scene.root.appending("p"))
      #expect(again.plan.actions == [.append, .branch, .import] && again.transaction != nil)
    }
  }

  @Test func whatIsOpenIsNamedUntilItIsRecovered() throws {
    try crashed("prepared") { scene, _, _, _ in
      func open() throws -> Int {
        try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
          .findings(of: .transactionsAreSettled).count
      }
      #expect(try open() == 1)
      _ = try Recover(home: try scene.home.open()).run()
      #expect(try open() == 0)
    }
  }

  @Test func theNextWritingCommandRecoversByItself() throws {
    try crashed("prepared") { scene, _, after, _ in
      let result = try scene.sync(scene.root.appending("p"))
      #expect(result.transaction == nil && result.plan.isEmpty)
      #expect(try scene.transactions().map(\.status) == [.committed])
      #expect(try HomeSnapshot(scene.home) == after)
    }
  }

  @Test func workAfterTheCrashIsKept() throws {
    try crashed("prepared") { scene, _, _, _ in
      try scene.home.execute("DELETE FROM threads WHERE id = '\(Sample.thread(3))'")
      let path = try #require(try scene.file(Sample.thread(1)))
      var more = TranscriptBuilder(Sample.thread(1), firstOrdinal: 100, seconds: 900)
      more.lines = []
      more.turn("after the crash")
      let bytes = try FileReading.bytes(of: path) + more.bytes
      try DurableFile.replace(path, with: bytes)
      #expect(try Recover(home: try scene.home.open()).run().map(\.outcome) == [.kept])
      #expect(try FileReading.bytes(of: path) == bytes)
      #expect(try scene.file(Sample.thread(3)) == nil)
      #expect(try scene.plan(scene.root.appending("p")).entry(Sample.thread(1))?.detail == .localAhead)
    }
  }

  @Test func whatACrashLeftBeforeTheIntentIsRemoved() throws {
    try Scene.play { scene in
      let journal = scene.home.root.pushing("session-sync/journal")
      try journal.put("018bcfe5-6801-7707-8707-070707070707/content-1", "left")
      #expect(try Recover(home: try scene.home.open()).run().isEmpty)
      #expect(try Folder.names(in: journal).isEmpty)
    }
  }

  @Test func aHomeWithoutAJournalHasNothingToRecover() throws {
    try Scene.play { scene in
      let names = try Folder.names(in: scene.home.root)
      #expect(try Recover(home: try scene.home.open()).run().isEmpty)
      #expect(try Folder.names(in: scene.home.root) == names)
    }
  }

  @Test func aCatalogueThatRefusesGetsNoRowsUntilItTakesThem() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.execute(
        "CREATE TRIGGER no BEFORE INSERT ON threads WHEN NEW.id = '\(Sample.thread(3))' BEGIN SELECT RAISE(ABORT, 'no'); END"
      )
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("c", thread: Sample.thread(3)))
      let plan = try scene.sync(package).plan
      #expect(plan.sessions.allSatisfy { $0.warnings.contains { $0.code == .filesOnly } })
      #expect(try scene.file(Sample.thread(3)) != nil && scene.home.row(Sample.thread(3)) == nil)
      try scene.home.execute("DROP TRIGGER no")
      #expect(try scene.sync(package).transaction != nil)
      #expect(try scene.home.row(Sample.thread(3)) != nil)
    }
  }

  /// A fork holds no copy of what it goes on from.
  @Test func whatAForkGoesOnFromIsKept() throws {
    try crashed("prepared") { scene, _, _, _ in
      try scene.home.execute("DELETE FROM threads WHERE id = '\(Sample.thread(3))'")
      let path = try #require(try scene.file(Sample.thread(1)))
      let bytes = try FileReading.bytes(of: path)
      var base = Sample.talk("one", "two")
      base.lines = try path.lines()
      base.nextOrdinal = Int64(base.lines.count)
      var fork = base.continued(as: Sample.thread(7))
      fork.turn("forked")
      try scene.home.add(fork)
      #expect(try Recover(home: try scene.home.open()).run().map(\.outcome) == [.kept])
      #expect(try FileReading.bytes(of: path) == bytes)
      #expect(try scene.file(Sample.thread(3)) == nil)
    }
  }
}
