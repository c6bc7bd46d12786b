import CanonicalJSON
import CodexHome
import DurableFiles
import Foundation
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct RollbackTests {
  private let thread = Sample.thread(1)

  /// What a home can be delivered: each gives a package for a home with `Sample.talk("one", "mine")`.
  enum Delivery: CaseIterable {
    case newThread, archivedThread, fastForward, branch, collision, all
  }

  private func package(_ delivery: Delivery, _ scene: Scene) throws -> FilePath {
    var other = TranscriptBuilder(seconds: 5000)
    other.turn("quite another")
    let new = ThreadSample(Sample.talk("new", thread: Sample.thread(2)), columns: [("name", "New")])
    return switch delivery {
    case .newThread: try scene.package("p", new)
    case .archivedThread: try scene.package("p", ThreadSample(new.transcript, isArchived: true))
    case .fastForward:
      try scene.package("p", ThreadSample(Sample.talk("one", "mine", "more"), columns: [("name", "N")]))
    case .branch: try scene.package("p", Sample.talk("one", "theirs"))
    case .collision: try scene.package("p", other)
    case .all:
      try scene.package(
        "p", new, ThreadSample(Sample.talk("one", "theirs")),
        ThreadSample(Sample.talk("b", "c", thread: Sample.thread(3))))
    }
  }

  @Test(arguments: Delivery.allCases, [true, false])
  func eachKindIsUndoneByteForByteAndRowForRow(_ delivery: Delivery, _ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      try scene.home.add(Sample.talk("b", thread: Sample.thread(3)))
      let before = try HomeSnapshot(scene.home)
      var options = SyncOptions()
      options.importsCollisions = true
      let package = try package(delivery, scene)
      let done = try scene.sync(package, options)
      #expect(done.transaction != nil)
      let after = try HomeSnapshot(scene.home)
      let undone = try scene.rollback()
      #expect(undone.plan.kept.isEmpty && undone.transaction != nil)
      #expect(try HomeSnapshot(scene.home) == before)
      let again = try scene.sync(package, options)
      #expect(again.plan.digest == done.plan.digest)
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: after))
    }
  }

  @Test(arguments: Delivery.allCases)
  func anUndoingIsUndone(_ delivery: Delivery) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      try scene.home.add(Sample.talk("b", thread: Sample.thread(3)))
      var options = SyncOptions()
      options.importsCollisions = true
      try scene.sync(try package(delivery, scene), options)
      let after = try HomeSnapshot(scene.home)
      let undoing = try #require(try scene.rollback().transaction)
      try scene.rollback(.id(undoing))
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: after))
    }
  }

  @Test func aDryRunOfAnUndoingWritesNothing() throws {
    try Scene.play { scene in
      let done = try scene.sync(try scene.package("p", Sample.talk("one")))
      let before = try HomeSnapshot(scene.home)
      let plan = try Rollback(home: try scene.home.open(), surroundings: try scene.surroundings).plan(.latest)
      #expect(plan.transactions.map(\.id) == [done.transaction] && !plan.isEmpty)
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try scene.transactions().count == 1)
    }
  }

  /// Appends to a thread's file what Codex would.
  private func goOn(_ scene: Scene, _ more: (inout TranscriptBuilder) -> Void) throws {
    let path = try #require(try scene.file(thread))
    let old = try FileReading.bytes(of: path)
    var talk = TranscriptBuilder(thread, firstOrdinal: 100, seconds: 900)
    talk.lines = []
    talk.hasBegun()
    more(&talk)
    try DurableFile.replace(path, with: old + talk.bytes)
  }

  @Test(arguments: [true, false])
  func aThreadThatWentOnStays(_ isAppend: Bool) throws {
    try Scene.play { scene in
      if isAppend { try scene.home.add(Sample.talk("one")) }
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", thread: Sample.thread(2)))
      try scene.sync(package)
      try goOn(scene) { $0.turn("my own work") }
      let path = try #require(try scene.file(thread))
      let (bytes, row) = (try FileReading.bytes(of: path), try scene.home.row(thread))
      let undone = try scene.rollback()
      #expect(undone.plan.kept.map(\.thread) == [thread] && undone.plan.kept.map(\.reason) == [.continued])
      #expect(try FileReading.bytes(of: path) == bytes)
      #expect(try scene.home.row(thread) == row)
      #expect(try scene.file(Sample.thread(2)) == nil && scene.home.row(Sample.thread(2)) == nil)
    }
  }

  @Test(arguments: [true, false])
  func bookkeepingAfterOursGoesAlong(_ isAppend: Bool) throws {
    try Scene.play { scene in
      if isAppend { try scene.home.add(Sample.talk("one")) }
      let before = try HomeSnapshot(scene.home)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      try goOn(scene) { $0.settings() }
      let after = try HomeSnapshot(scene.home)
      let undone = try scene.rollback()
      #expect(undone.plan.kept.isEmpty)
      #expect(try HomeSnapshot(scene.home).rows == before.rows)
      #expect(try HomeSnapshot(scene.home).files.mapValues(\.bytes) == before.files.mapValues(\.bytes))
      try scene.rollback(.id(try #require(undone.transaction)))
      #expect(try HomeSnapshot(scene.home).files.mapValues(\.bytes) == after.files.mapValues(\.bytes))
    }
  }

  @Test(arguments: [true, false])
  func aThreadThatIsTheBaseOfAnotherStays(_ isAppend: Bool) throws {
    try Scene.play { scene in
      if isAppend { try scene.home.add(Sample.talk("one")) }
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let path = try #require(try scene.file(thread))
      let bytes = try FileReading.bytes(of: path)
      var base = Sample.talk("one", "two")
      base.lines = try path.lines()
      base.nextOrdinal = Int64(base.lines.count)
      var fork = base.continued(as: Sample.thread(7))
      fork.turn("forked")
      try scene.home.add(fork)
      let undone = try scene.rollback()
      #expect(undone.plan.kept.map(\.reason) == [.isBaseOf(Sample.thread(7))])
      #expect(try FileReading.bytes(of: path) == bytes)
    }
  }

  @Test func aThreadWhoseFileWasChangedStays() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let path = try #require(try scene.file(thread))
      try DurableFile.replace(path, with: Array("{}\n".utf8))
      let undone = try scene.rollback()
      #expect(undone.plan.kept.map(\.reason) == [.changed] && undone.transaction == nil)
      #expect(try path.text() == "{}\n")
    }
  }

  @Test func aRenamingByTheUserSurvivesTheUndoingOfAFastForward() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let named = ThreadSample(Sample.talk("one", "two"), columns: [("name", "Theirs")])
      try scene.sync(try scene.package("p", named))
      try scene.home.execute("UPDATE threads SET name = 'Mine', is_pinned = 1")
      try scene.rollback()
      let row = try #require(try scene.home.row(thread))
      #expect(row["name"] == "Mine" && row["is_pinned"] == 1)
      #expect(row["updated_at"] == .integer(ThreadSample(Sample.talk("one")).updated))
    }
  }

  @Test func aFileThatTheUserArchivedIsFoundAndTakenBack() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let before = try HomeSnapshot(scene.home)
      try scene.sync(try scene.package("p", Sample.talk("b", thread: Sample.thread(2))))
      let path = try #require(try scene.file(Sample.thread(2)))
      try Folder.create(scene.home.root.appending("archived_sessions"))
      try DurableFile.move(
        path, to: scene.home.root.appending("archived_sessions").appending(path.lastComponent?.string ?? ""))
      try scene.rollback()
      #expect(try scene.file(Sample.thread(2)) == nil)
      #expect(try HomeSnapshot(scene.home).rows == before.rows)
    }
  }

  @Test func laterTransactionsOnTheSameFileGoFirst() throws {
    try Scene.play { scene in
      let first = try #require(try scene.sync(try scene.package("p1", Sample.talk("one"))).transaction)
      let second = try #require(
        try scene.sync(try scene.package("p2", Sample.talk("one", "two"))).transaction)
      #expect(throws: SyncError.laterTransactions([second])) { try scene.rollback(.id(first)) }
      try scene.rollback(.id(second))
      try scene.rollback(.id(first))
      #expect(try scene.file(thread) == nil && scene.home.row(thread) == nil)
    }
  }

  @Test func anEarlierTransactionOnOtherFilesIsUndoneAlone() throws {
    try Scene.play { scene in
      let first = try #require(try scene.sync(try scene.package("p1", Sample.talk("one"))).transaction)
      try scene.sync(try scene.package("p2", Sample.talk("b", thread: Sample.thread(2))))
      try scene.rollback(.id(first))
      #expect(try scene.file(thread) == nil && scene.file(Sample.thread(2)) != nil)
      #expect(try scene.home.row(Sample.thread(2)) != nil)
    }
  }

  @Test func latestIsTheNewestThatIsNoUndoing() throws {
    try Scene.play { scene in
      let first = try scene.sync(try scene.package("p1", Sample.talk("one"))).transaction
      let second = try scene.sync(try scene.package("p2", Sample.talk("one", "two"))).transaction
      #expect(try scene.rollback().plan.transactions.map(\.id) == [second])
      #expect(try scene.rollback().plan.transactions.map(\.id) == [first])
      #expect(throws: SyncError.nothingToUndo) { try scene.rollback() }
      let undone = try #require(first)
      #expect(throws: SyncError.notUndoable(undone, .rolledBack)) { try scene.rollback(.id(undone)) }
      #expect(throws: SyncError.journal(.unknownTransaction("x"))) { try scene.rollback(.id("x")) }
    }
  }

  @Test func whatCodexDerivedFromAShortenedFileIsForgotten() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      try scene.home.derive(thread)
      try scene.home.derive(Sample.thread(8))
      let undone = try scene.rollback().plan
      #expect(undone.effects.last?.operation == "forget_derived" && undone.effects.last?.action == .undone)
      #expect(undone.effects.count { $0.operation == "forget_derived" } == 1)
      let left = try scene.home.query("SELECT thread_id FROM thread_turns", in: "thread_history_1.sqlite")
      #expect(left.map { $0["thread_id"]?.string } == [Sample.thread(8).text])
    }
  }

  @Test func aSkillThatTheUserChangedStays() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try package.put("skills/mine/SKILL.md", "theirs")
      try package.put("skills/mine/other.md", "theirs")
      var options = SyncOptions()
      options.importsMissingSkills = true
      try scene.sync(package, options)
      let file = try scene.home.root.put("skills/mine/SKILL.md", "my own work")
      let undone = try scene.rollback()
      #expect(try file.text() == "my own work")
      #expect(try Folder.names(in: file.removingLastComponent()) == ["SKILL.md"])
      #expect(
        undone.plan.effects.contains {
          $0.path == file.string && $0.action == .kept && $0.reason == "changed"
        })
      #expect(try scene.file(thread) == nil)
    }
  }

  @Test func workAfterAnUndoingIsNotMixedWithWhatTheUndoingTookOut() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let undoing = try #require(try scene.rollback().transaction)
      try goOn(scene) { $0.turn("my own work") }
      let before = try HomeSnapshot(scene.home)
      let result = try scene.rollback(.id(undoing))
      #expect(result.plan.kept.map(\.reason) == [.continued] && result.transaction == nil)
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func aLockedThreadIsNotUndone() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.holding("thread-writer-locks/\(thread).lock") {
        let error = #expect(throws: SyncError.self) { try scene.rollback() }
        #expect(error?.busyThreads == [thread])
      }
      #expect(try scene.file(thread) != nil)
    }
  }

  /// The journal of a copied home led to the files of the original.
  @Test func aCopiedHomeNeverTouchesTheOriginal() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let before = try HomeSnapshot(scene.home)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let after = try HomeSnapshot(scene.home)
      let copy = scene.root.appending("copy")
      try FileManager.default.copyItem(atPath: scene.home.root.string, toPath: copy.string)
      let home = try CodexHome(copy, sqliteHome: nil)
      let undone = try Rollback(home: home, surroundings: scene.surroundings).execute(.latest)
      // The copied rows name the original's file, which is there: that is where Codex goes on.
      #expect(undone.transaction == nil && undone.plan.kept.map(\.thread) == [thread])
      #expect(try HomeSnapshot(scene.home) == after)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
    }
  }

  @Test func whatIsKeptAndDamagedIsNotPutBack() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let undoing = try #require(try scene.rollback().transaction)
      let kept = scene.home.root.pushing("session-sync/journal/kept")
      let file = kept.appending(try #require(try Folder.names(in: kept).first))
      try DurableFile.cut(file, to: 10)
      #expect(throws: SyncError.journal(.malformed(file))) { try scene.rollback(.id(undoing)) }
      #expect(try scene.file(Sample.thread(1)) == nil)
    }
  }

  @Test func whatComesBackMakesItsFolderAnew() throws {
    try Scene.play { scene in
      let other = try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let undoing = try #require(try scene.rollback().transaction)
      try DurableFile.remove(other)
      #expect(try Folder.removeIfEmpty(other.removingLastComponent()))
      try scene.rollback(.id(undoing))
      #expect(try scene.file(thread) != nil)
    }
  }
}
