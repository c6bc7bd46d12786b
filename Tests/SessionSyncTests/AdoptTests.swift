import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Threads as codex-session-transfer leaves them.
struct AdoptTests {
  private let thread = Sample.thread(1)

  @discardableResult
  private func adopt(_ scene: Scene, _ threads: ThreadID...) throws -> Adopt.Result {
    try Adopt(home: try scene.home.open(), threads: threads, surroundings: try scene.surroundings).execute()
  }

  @Test func whatItsJournalNamesIsAdoptedAndNoTranscriptChanges() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one", "two"))
      try scene.home.add(Sample.talk("own", thread: Sample.thread(2)))
      let before = try HomeSnapshot(scene.home)
      let plan = try Adopt(home: scene.home.open(), threads: [], surroundings: scene.surroundings).plan()
      #expect(try HomeSnapshot(scene.home) == before && scene.transactions().isEmpty)
      let done = try adopt(scene)
      #expect(done.plan.adoptions == plan.adoptions && plan.adoptions.map(\.thread) == [thread])
      let row = try #require(try scene.home.row(thread))
      #expect(row["preview"] == "one" && row["history_mode"] == "paginated")
      #expect(row["model_provider"] == "openai")
      #expect(try HomeSnapshot(scene.home).files == before.files)
      #expect(try adopt(scene).transaction == nil)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try adopt(scene).transaction != nil)
    }
  }

  @Test func aNamedThreadIsAdoptedWithoutAJournal() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      try Folder.removeTree(scene.home.root.appending("transfer-journal"))
      #expect(try adopt(scene).transaction == nil)
      #expect(try adopt(scene, thread).plan.adoptions.map(\.thread) == [thread])
      #expect(try adopt(scene, thread).plan.known == [thread])
      let other = Sample.thread(5)
      #expect(throws: SyncError.unknownThread(other)) { try adopt(scene, other) }
    }
  }

  @Test func whatThatToolTookBackIsNotAdopted() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"), status: "rolled_back")
      #expect(try adopt(scene).transaction == nil)
    }
  }

  @Test func aThreadInOrderIsTakenIntoALineageOnly() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let before = try HomeSnapshot(scene.home)
      let done = try adopt(scene, thread)
      #expect(done.transaction != nil && done.plan.adoptions.first?.columns == .object([]))
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try adopt(scene, thread).plan.known == [thread])
      try DurableFile.remove(scene.home.root.appending("session-sync").appending("sidecar.sqlite"))
      #expect(try adopt(scene, thread).plan.known == [thread])
    }
  }

  @Test func aDeliveryAdoptsWhatItMeets() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one", "two"))
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", Sample.talk("one"))
      let shown = try scene.plan(package)
      #expect(shown.classifications == ["unchanged"] && shown.adoptions.map(\.thread) == [thread])
      let done = try scene.sync(package)
      #expect(done.plan.digest == shown.digest && done.transaction != nil)
      #expect(try scene.home.row(thread)?["preview"] == "one")
      #expect(try HomeSnapshot(scene.home).files == before.files)
      let again = try scene.plan(package)
      #expect(again.isEmpty && again.adoptions.isEmpty)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  /// An older Codex needs nothing of its row.
  @Test func aThreadInOrderThatADeliveryMeetsIsTakenIntoALineage() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      try scene.home.execute(
        "UPDATE threads SET preview = 'one', history_mode = 'paginated', model_provider = 'openai'")
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", Sample.talk("one"))
      #expect(try scene.sync(package).plan.adoptions.map(\.columns) == [.object([])])
      #expect(try HomeSnapshot(scene.home) == before && scene.plan(package).isEmpty)
      #expect(try adopt(scene).plan.known == [thread])
    }
  }

  @Test func aFastForwardMendsTheRowItself() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      let done = try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      #expect(done.plan.adoptions.isEmpty && done.plan.actions == [.append])
      #expect(try scene.home.row(thread)?["preview"] == "one")
      #expect(try scene.home.row(thread)?["history_mode"] == "paginated")
    }
  }

  @Test func aThreadOfCodexItselfWithoutAPreviewIsLeftAlone() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.execute("UPDATE threads SET preview = ''")
      #expect(try scene.plan(try scene.package("p", Sample.talk("one"))).isEmpty)
    }
  }

  /// Codex goes on in the thread.
  private func goOn(_ scene: Scene, _ more: (inout TranscriptBuilder) -> Void) throws {
    let path = try #require(try scene.file(thread))
    var talk = TranscriptBuilder(thread, firstOrdinal: 100, seconds: 900)
    talk.lines = []
    more(&talk)
    try DurableFile.replace(path, with: try FileReading.bytes(of: path) + talk.bytes)
  }

  @Test func anUndoneAdoptionHidWhatWasSaidSince() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      try scene.home.install(Sample.talk("b", thread: Sample.thread(2)))
      let before = try #require(try scene.home.row(Sample.thread(2)))
      try adopt(scene)
      try goOn(scene) { $0.turn("two") }
      let mended = try scene.home.row(thread)
      let undone = try scene.rollback().plan
      #expect(undone.kept.map(\.thread) == [thread] && undone.kept.map(\.reason) == [.continued])
      #expect(try scene.home.row(thread) == mended)
      #expect(try scene.home.row(Sample.thread(2)) == before)
    }
  }

  @Test func anAdoptionIsUndoneWhereTheThreadWasOnlyOpened() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      let before = try scene.home.row(thread)
      try adopt(scene)
      try goOn(scene) { $0.settings() }
      #expect(try scene.rollback().plan.kept.isEmpty)
      #expect(try scene.home.row(thread) == before)
    }
  }

  @Test func anUndoneAdoptionHidWhatWasDeliveredSince() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      let before = try HomeSnapshot(scene.home)
      let adoption = try #require(try adopt(scene).transaction)
      let delivery = try #require(
        try scene.sync(try scene.package("p", Sample.talk("one", "two"))).transaction)
      #expect(throws: SyncError.laterTransactions([delivery])) { try scene.rollback(.id(adoption)) }
      var options = Rollback.Options()
      options.cascades = true
      #expect(try scene.rollback(.id(adoption), options).plan.kept.isEmpty)
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func whatWasDeliveredBeforeAnAdoptionPassedForWorkBehindIt() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let before = try HomeSnapshot(scene.home)
      let first = try #require(try scene.sync(try scene.package("p", Sample.talk("one", "two"))).transaction)
      try scene.home.execute("UPDATE threads SET preview = ''")
      #expect(try adopt(scene, thread).plan.adoptions.count == 1)
      var options = Rollback.Options()
      options.cascades = true
      let undone = try scene.rollback(.id(first), options).plan
      #expect(undone.kept.isEmpty && undone.transactions.count == 2)
      #expect(try HomeSnapshot(scene.home).files == before.files)
    }
  }

  @Test func aDeliveryFailedForAJournalOfTheTransferToolThatCannotBeListed() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.root.put("transfer-journal", "no folder")
      #expect(try scene.plan(try scene.package("p", Sample.talk("one"))).adoptions.isEmpty)
    }
  }

  @Test func aPlanThatAdoptsIsNotTheOneThatDoesNothing() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      try scene.home.execute(
        "UPDATE threads SET preview = 'one', history_mode = 'paginated', model_provider = 'openai'")
      let package = try scene.package("p", Sample.talk("one"))
      let shown = try scene.plan(package)
      try Folder.removeTree(scene.home.root.appending("transfer-journal"))
      let other = try scene.plan(package)
      #expect(shown.adoptions.count == 1 && other.adoptions.isEmpty && shown.digest != other.digest)
    }
  }

  @Test func workOnAThreadThatWasAdoptedAgainByUndoingTheUndoingKeepsItsEntry() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one"))
      try adopt(scene)
      let undoing = try #require(try scene.rollback().transaction)
      let again = try #require(try scene.rollback(.id(undoing)).transaction)
      try goOn(scene) { $0.turn("two") }
      let undone = try scene.rollback(.id(again))
      #expect(undone.transaction == nil && undone.plan.kept.map(\.reason) == [.continued])
      #expect(try scene.home.row(thread)?["preview"] == "one")
    }
  }
}
