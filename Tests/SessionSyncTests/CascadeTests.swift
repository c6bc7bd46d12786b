import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Undoing a transaction together with those that were built upon it.
struct CascadeTests {
  private let thread = Sample.thread(1)
  private let cascade: Rollback.Options = {
    var options = Rollback.Options()
    options.cascades = true
    return options
  }()

  /// A home that had `turns` of its own, and then one delivery of each of the longer ones; answers the transactions.
  @discardableResult
  private func deliver(_ scene: Scene, _ talks: [ThreadSample]) throws -> [String] {
    try talks.enumerated().map { index, talk in
      try #require(try scene.sync(try scene.package("p\(index)", talk)).transaction)
    }
  }

  private func append(_ scene: Scene, _ more: (inout TranscriptBuilder) -> Void) throws {
    let path = try #require(try scene.file(thread))
    let old = try FileReading.bytes(of: path)
    var talk = TranscriptBuilder(thread, firstOrdinal: 100, seconds: 900)
    talk.lines = []
    more(&talk)
    try DurableFile.replace(path, with: old + talk.bytes)
  }

  private var growing: [ThreadSample] {
    [
      ThreadSample(Sample.talk("one", "two")),
      ThreadSample(Sample.talk("one", "two", "three"), isArchived: true, columns: [("name", "N")]),
      ThreadSample(Sample.talk("one", "two", "three", "four")),
    ]
  }

  @Test(arguments: [false, true], [false, true])
  func allThatWasBuiltUponAnImportGoesWithIt(_ isHere: Bool, _ isOpened: Bool) throws {
    try Scene.play { scene in
      if isHere { try scene.home.add(Sample.talk("one")) }
      let before = try HomeSnapshot(scene.home)
      let first = try #require(try deliver(scene, [growing[0]]).first)
      if isOpened { try append(scene) { $0.settings() } }
      let later = try deliver(scene, Array(growing[1...]))
      let after = try HomeSnapshot(scene.home)
      #expect(throws: SyncError.laterTransactions(later)) { try scene.rollback(.id(first)) }
      let undone = try scene.rollback(.id(first), cascade)
      #expect(undone.plan.transactions.map(\.id) == [later[1], later[0], first] && undone.plan.kept.isEmpty)
      let now = try HomeSnapshot(scene.home)
      #expect(now.rows == before.rows && now.files.mapValues(\.bytes) == before.files.mapValues(\.bytes))
      if !isOpened { #expect(now == before) }
      #expect(try scene.transactions().map(\.status) == [.committed, .rolledBack, .rolledBack, .rolledBack])
      try scene.rollback(.id(try #require(undone.transaction)))
      let redone = try HomeSnapshot(scene.home)
      #expect(redone.hasSameContent(as: after), "\(redone)\n\(after)")
    }
  }

  @Test func whatTheDryRunSaysIsDone() throws {
    try Scene.play { scene in
      let all = try deliver(scene, growing)
      let before = try HomeSnapshot(scene.home)
      let shown = try Rollback(
        home: try scene.home.open(), options: cascade, surroundings: scene.surroundings
      )
      .plan(.id(all[1]))
      #expect(try HomeSnapshot(scene.home) == before)
      let done = try scene.rollback(.id(all[1]), cascade).plan
      #expect(done.effects == shown.effects && done.transactions == shown.transactions)
      #expect(!done.effects.contains { $0.action != .undone })
      #expect(try scene.records(thread).count > 0)
    }
  }

  /// The undoing of an import found its file lost, and took the row; undone with the import behind it, the row is back.
  @Test func aRowThatComesBackPassedForOneThatCodexMade() throws {
    try Scene.play { scene in
      try deliver(scene, [growing[0]])
      try DurableFile.remove(try #require(try scene.file(thread)))
      let row = try scene.home.row(thread)
      let undoing = try #require(try scene.rollback().transaction)
      try deliver(scene, [growing[0]])
      #expect(try scene.rollback(.id(undoing), cascade).plan.kept.isEmpty)
      #expect(try scene.home.row(thread) == row && row != nil)
      #expect(try scene.file(thread) == nil)
    }
  }

  @Test(arguments: [false, true])
  func aThreadThatCodexCompressedBetweenTwoDeliveriesStaysWhole(_ isHere: Bool) throws {
    try Scene.play { scene in
      if isHere { try scene.home.add(Sample.talk("one")) }
      let first = try #require(try deliver(scene, [growing[0]]).first)
      let file = try #require(try scene.file(thread))
      try ZstdFile.write(try FileReading.bytes(of: file), to: FilePath(file.string + ".zst"))
      try DurableFile.remove(file)
      try scene.sync(try scene.package("more", Sample.talk("one", "two", "three")))
      let records = try scene.records(thread)
      let row = try scene.home.row(thread)
      let plan = try scene.rollback(.id(first), cascade).plan
      #expect(plan.kept.map(\.thread) == [thread] && plan.kept.map(\.reason) == [.changed])
      #expect(try scene.records(thread) == records && scene.home.row(thread) == row && row != nil)
    }
  }

  @Test func aThreadThatWentOnAfterTheLastOfThemStaysWhole() throws {
    try Scene.play { scene in
      let all = try deliver(scene, Array(growing[..<2]))
      try append(scene) {
        $0.hasBegun()
        $0.turn("my own work")
      }
      let before = try HomeSnapshot(scene.home)
      let result = try scene.rollback(.id(all[0]), cascade)
      #expect(result.plan.kept.map(\.reason) == [.continued])
      let now = try HomeSnapshot(scene.home)
      #expect(now.files == before.files && now.rows == before.rows)
    }
  }

  @Test func workBetweenTwoDeliveriesIsNotTakenAlong() throws {
    try Scene.play { scene in
      let first = try deliver(scene, [growing[0]])
      try append(scene) {
        $0.hasBegun()
        $0.turn("my own work")
      }
      let package = try scene.packup("mine")
      #expect(package.packed.count == 1)
      try append(scene) { $0.settings() }
      let before = try HomeSnapshot(scene.home)
      let result = try scene.rollback(.id(first[0]), cascade)
      #expect(result.plan.kept.map(\.reason) == [.continued])
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func aFileThatWasCutBackMeanwhileIsNoReasonToFail() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let own = try FileReading.bytes(of: path)
      try scene.sync(
        try scene.package("p", Sample.talk("one", "two"), Sample.talk("b", thread: Sample.thread(2))))
      try DurableFile.replace(path, with: own)
      let undone = try scene.rollback()
      #expect(undone.plan.kept.isEmpty)
      #expect(undone.plan.effects.contains { $0.path == path.string && $0.action == .gone })
      #expect(try FileReading.bytes(of: path) == own && scene.file(Sample.thread(2)) == nil)
    }
  }

  /// An undoing took a thread away, and a later import of it lies at the same place.
  @Test(arguments: [false, true])
  func aThreadThatComesBackInPlaceOfAnImportHasItsRow(_ isArchived: Bool) throws {
    try Scene.play { scene in
      let first = try deliver(scene, [growing[0]])
      let imported = try HomeSnapshot(scene.home)
      let undoing = try #require(try scene.rollback(.id(first[0])).transaction)
      let again = ThreadSample(Sample.talk("one", "two"), isArchived: isArchived)
      _ = try scene.sync(try scene.package("again", again))
      try scene.rollback(.id(undoing), cascade)
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: imported))
    }
  }

  /// Of an undoing only what concerns these files counts: the rest of it was about others.
  @Test func anUndoingThatAlsoUndidSomethingElseStoodInTheWay() throws {
    try Scene.play { scene in
      let other = Sample.thread(2)
      let empty = try HomeSnapshot(scene.home)
      let first = try #require(try scene.sync(try scene.package("p1", Sample.talk("a"))).transaction)
      let second = try #require(
        try scene.sync(try scene.package("p2", Sample.talk("b", thread: other))).transaction)
      try scene.sync(
        try scene.package("p3", Sample.talk("a", "more"), Sample.talk("b", "more", thread: other)))
      try scene.rollback(.id(first), cascade)
      #expect(try scene.rollback(.id(second)).plan.transactions.map(\.id) == [second])
      let now = try HomeSnapshot(scene.home)
      #expect(now.files.mapValues(\.bytes) == empty.files.mapValues(\.bytes) && now.rows == empty.rows)
    }
  }
}
