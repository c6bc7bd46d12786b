import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Undoing what somebody worked on since, and keeping the work.
struct LocalWorkTests {
  private let thread = Sample.thread(1)
  private let keeping: Rollback.Options = {
    var options = Rollback.Options()
    options.keepsLocalWork = true
    options.cascades = true
    return options
  }()

  /// The model-visible records of a thread, without what differs between copies.
  private func history(_ scene: Scene, _ thread: ThreadID) throws -> [String] {
    let path = try #require(try scene.file(thread))
    return try RolloutScan(path, name: try #require(path.rolloutName)).history.map(\.description)
  }

  @Test func theBranchStaysWhereItsThreadWasCompressedAndDeliveredToSince() throws {
    try Scene.play { scene in
      let (undone, branch) = try keepWork(scene)
      let whole = try history(scene, branch)
      let file = try #require(try scene.file(thread))
      try ZstdFile.write(try FileReading.bytes(of: file), to: FilePath(file.string + ".zst"))
      try DurableFile.remove(file)
      let done = try scene.sync(try scene.package("q", Sample.talk("one", "theirs")))
      #expect(done.plan.actions == [.append])
      let again = try scene.rollback(.id(try #require(undone.transaction)), keeping)
      #expect(again.plan.kept.map(\.reason) == [.changed, .holdsWorkOf(thread)])
      #expect(try history(scene, branch) == whole)
    }
  }

  @Test(arguments: [true, false], [true, false])
  func theWorkIsKeptAsABranchAndTheRestIsUndone(_ isHere: Bool, _ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      if isHere { try scene.home.add(Sample.talk("one")) }
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", Sample.talk("one", "two"))
      try scene.sync(package)
      try scene.goOn(thread, "my own work")
      let whole = try history(scene, thread)
      let after = try HomeSnapshot(scene.home)
      let shown = try Rollback(home: scene.home.open(), options: keeping, surroundings: scene.surroundings)
        .plan(.latest)
      #expect(try HomeSnapshot(scene.home) == after)
      let undone = try scene.rollback(.latest, keeping)
      #expect(undone.plan.kept.isEmpty && undone.plan.effects == shown.effects)
      let branch = try #require(undone.plan.branches.first?.localThreadID)
      #expect(shown.branches.map(\.localThreadID) == [branch] && branch != thread)
      #expect(try history(scene, branch) == whole)
      if isHere {
        let path = try #require(try scene.file(thread))
        #expect(try FileReading.bytes(of: path) == Sample.talk("one").bytes)
      } else {
        #expect(try scene.file(thread) == nil)
      }
      let now = try HomeSnapshot(scene.home)
      #expect(Set(before.files.keys).isSubset(of: now.files.keys))
      if hasCatalogue {
        let row = try #require(try scene.home.row(branch))
        #expect(row["name"]?.string?.contains("(branch from bobs-machine)") == true, "\(row)")
        #expect(try (scene.home.row(thread) == nil) == !isHere)
      }
      let again = try scene.plan(package)
      #expect(again.classifications == ["unchanged"] && again.isEmpty)
      try scene.rollback(.id(try #require(undone.transaction)))
      #expect(try HomeSnapshot(scene.home).files.mapValues(\.bytes) == after.files.mapValues(\.bytes))
      #expect(try HomeSnapshot(scene.home).rows == after.rows)
    }
  }

  @Test func workAfterSeveralDeliveriesIsKeptOnce() throws {
    try Scene.play { scene in
      let first = try #require(try scene.sync(try scene.package("p1", Sample.talk("one"))).transaction)
      try scene.sync(try scene.package("p2", Sample.talk("one", "two")))
      try scene.goOn(thread, "my own work")
      let whole = try history(scene, thread)
      let undone = try scene.rollback(.id(first), keeping)
      let branch = try #require(undone.plan.branches.first?.localThreadID)
      #expect(undone.plan.branches.count == 1 && undone.plan.kept.isEmpty)
      #expect(try history(scene, branch) == whole && scene.file(thread) == nil)
    }
  }

  @Test func aThreadThatAForkGoesOnFromStaysAllTheSame() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let path = try #require(try scene.file(thread))
      var base = Sample.talk("one", "two")
      base.lines = try path.lines()
      base.nextOrdinal = Int64(base.lines.count)
      var fork = base.continued(as: Sample.thread(7))
      fork.turn("forked")
      try scene.home.add(fork)
      try scene.goOn(thread, "my own work")
      let bytes = try FileReading.bytes(of: path)
      let undone = try scene.rollback(.latest, keeping)
      #expect(undone.plan.kept.map(\.reason) == [.isBaseOf(Sample.thread(7))])
      #expect(undone.plan.branches.isEmpty)
      #expect(try FileReading.bytes(of: path) == bytes)
    }
  }

  /// Undoes a continued thread's delivery; answers the undoing, and the branch that keeps its work.
  private func keepWork(_ scene: Scene) throws -> (undone: Rollback.Result, branch: ThreadID) {
    try scene.home.add(Sample.talk("one"))
    try scene.sync(try scene.package("p", Sample.talk("one", "two")))
    try scene.goOn(thread, "my own work")
    let undone = try scene.rollback(.latest, keeping)
    return (undone, try #require(undone.plan.branches.first?.localThreadID))
  }

  /// The branch that comes back and the one that is made would both have had the id that follows from the thread's.
  @Test func aBranchWasToHaveTheIDOfOneThatComesBack() throws {
    try Scene.play { scene in
      let (first, branch) = try keepWork(scene)
      let whole = try history(scene, branch)
      let second = try scene.rollback(.id(try #require(first.transaction)), keeping)
      try scene.goOn(thread, "more work")
      let more = try history(scene, thread)
      let third = try scene.rollback(.id(try #require(second.transaction)), keeping)
      let other = try #require(third.plan.branches.first?.localThreadID)
      #expect(try other != branch && history(scene, branch) == whole && history(scene, other) == more)
    }
  }

  @Test func workOnTheBranchIsNoReasonToLoseItWithTheNextUndoing() throws {
    try Scene.play { scene in
      let (undone, branch) = try keepWork(scene)
      try scene.goOn(branch, "more of it")
      let whole = try history(scene, branch)
      let again = try scene.rollback(.id(try #require(undone.transaction)))
      #expect(again.plan.kept.map(\.thread) == [branch])
      #expect(try history(scene, branch) == whole)
    }
  }

  @Test func theBranchStaysWhereTheThreadCannotComeBack() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let path = try #require(try scene.file(thread))
      try scene.goOn(thread, "my own work")
      let whole = try history(scene, thread)
      let undone = try scene.rollback(.latest, keeping)
      let branch = try #require(undone.plan.branches.first?.localThreadID)
      try Folder.create(path.removingLastComponent())
      try DurableFile.replace(path, with: Sample.talk("one").bytes)
      let again = try scene.rollback(.id(try #require(undone.transaction)))
      #expect(again.plan.kept.map(\.reason) == [.changed, .holdsWorkOf(thread)])
      #expect(try history(scene, branch) == whole)
    }
  }

  @Test func theBranchStaysWhereItsThreadWasDeleted() throws {
    try Scene.play { scene in
      let (undone, branch) = try keepWork(scene)
      let whole = try history(scene, branch)
      try DurableFile.remove(try #require(try scene.file(thread)))
      try scene.home.execute("DELETE FROM threads WHERE id = ?", [.string(thread.text)])
      let again = try scene.rollback(.id(try #require(undone.transaction)))
      #expect(again.plan.kept.map(\.thread) == [branch])
      #expect(try history(scene, branch) == whole && scene.file(thread) == nil)
    }
  }

  @Test func twoThreadsOfOneConversationBecomeTwoBranches() throws {
    try Scene.play { scene in
      let second = Sample.thread(2)
      let package = try scene.package("p", Sample.talk("one", "two"), Sample.talk("b", thread: second))
      let first = try #require(try scene.sync(package).transaction)
      try scene.goOn(thread, "my own work")
      let parted = try scene.sync(
        try scene.package("q", Sample.talk("one", "two", "theirs"), Sample.talk("b", "c", thread: second)))
      let other = try #require(parted.plan.sessions.first { $0.action == .branch }?.localThreadID)
      try scene.goOn(other, "more of my work")
      let wholes = try [history(scene, thread), history(scene, other)]
      let undone = try scene.rollback(.id(first), keeping)
      let branches = undone.plan.branches.compactMap(\.localThreadID)
      #expect(Set(branches).count == 2 && undone.plan.kept.isEmpty)
      #expect(try Set(branches.map { try history(scene, $0) }) == Set(wholes))
      #expect(try scene.file(thread) == nil && scene.file(other) == nil)
    }
  }

  /// The head was made a branch of, and the work was cut off the older segment.
  @Test func workInARewoundSegmentKeepsTheThread() throws {
    try Scene.play { scene in
      let talk = Sample.talk("one")
      try scene.home.add(talk)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let path = try #require(try scene.file(thread))
      try scene.goOn(thread, "my own work")
      let bytes = try FileReading.bytes(of: path)
      var head = talk.continued(as: thread, segment: Sample.thread(9))
      head.turn("back to one")
      try scene.home.add(head)
      let undone = try scene.rollback(.latest, keeping)
      #expect(undone.plan.kept.map(\.reason) == [.continued] && undone.plan.branches.isEmpty)
      #expect(try FileReading.bytes(of: path) == bytes)
    }
  }
}
