import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// What the journal keeps, and how it is forgotten.
struct ForgettingTests {
  private let thread = Sample.thread(1)

  private func forget(_ scene: Scene, before: Timestamp) throws -> ForgettingPlan {
    try Forgetting(home: try scene.home.open(), before: before).execute()
  }

  private func kept(_ scene: Scene) throws -> [String] {
    try Folder.names(in: scene.home.root.appending("session-sync").appending("journal").appending("kept"))
  }

  /// The bytes of all files in the journal.
  private func journalSize(_ scene: Scene) throws -> Int64 {
    func size(_ folder: FilePath) throws -> Int64 {
      try Folder.names(in: folder).reduce(0) { sum, name in
        guard let stamp = try FileStamp.of(folder.appending(name)) else { return sum }
        return try sum + (stamp.kind == .folder ? size(folder.appending(name)) : stamp.size)
      }
    }
    return try size(scene.home.root.appending("session-sync").appending("journal"))
  }

  @Test func whatIsTakenOutAgainAndAgainIsKeptOnce() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let before = try HomeSnapshot(scene.home)
      for round in 1...4 {
        let undoing = try #require(try scene.rollback().transaction)
        #expect(try kept(scene).count == 1, "round \(round)")
        try scene.rollback(.id(undoing))
        #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
      }
      #expect(try kept(scene).count == 1)
    }
  }

  @Test func aThousandFastForwardsKeepNothingOfTheThread() throws {
    try Scene.play { scene in
      // The title of a thread without a name is its whole first message.
      var talk = Sample.talk(
        String(repeating: "title ", count: 2_000), String(repeating: "long ", count: 100_000))
      try scene.home.add(talk)
      for number in 1...20 {
        talk.turn("more \(number)")
        try scene.sync(try scene.package("p\(number)", talk))
      }
      #expect(try scene.transactions().count == 20 && kept(scene).isEmpty)
      #expect(try journalSize(scene) < 20 * 5_000)
    }
  }

  @Test func aDryRunForgetsNothing() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let undoing = try #require(try scene.rollback().transaction)
      let plan = try Forgetting(home: try scene.home.open(), before: .init(milliseconds: .max)).plan()
      #expect(plan.transactions.map(\.transaction.id) == [undoing] && plan.bytes > 0)
      try scene.rollback(.id(undoing))
      #expect(try scene.file(thread) != nil)
    }
  }

  @Test func whatIsForgottenCannotBeUndoneAndIsSaid() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      let undoing = try #require(try scene.rollback().transaction)
      let plan = try forget(scene, before: .init(milliseconds: .max))
      #expect(plan.transactions.map(\.transaction.id) == [undoing])
      #expect(try kept(scene).isEmpty)
      #expect(throws: SyncError.forgotten(undoing)) { try scene.rollback(.id(undoing)) }
      #expect(try scene.transactions().first?.isForgotten == true)
      #expect(try forget(scene, before: .init(milliseconds: .max)).transactions.isEmpty)
      #expect(try scene.plan(package).classifications == ["new_lineage"])
      try scene.sync(package)
      try scene.rollback()
      #expect(try scene.file(thread) == nil)
    }
  }

  @Test func whatAYoungerTransactionKeepsTooStays() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let first = try #require(try scene.rollback().transaction)
      try scene.rollback(.id(first))
      let second = try #require(try scene.rollback().transaction)
      let time = try #require(try scene.transactions().first { $0.id == second }?.createdAt)
      let plan = try forget(scene, before: try #require(Timestamp(time)))
      #expect(plan.transactions.map(\.transaction.id) == [first])
      #expect(try kept(scene).count == 1)
      try scene.rollback(.id(second))
      #expect(try scene.file(thread) != nil)
    }
  }

  @Test func aSidecarIsMadeAgainFromAJournalThatForgot() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      let package = try scene.package("p", Sample.talk("one", "theirs"))
      try scene.sync(package)
      try scene.sync(try scene.package("q", Sample.talk("b", thread: Sample.thread(2))))
      try scene.rollback()
      _ = try forget(scene, before: .init(milliseconds: .max))
      try DurableFile.remove(scene.home.root.appending("session-sync").appending("sidecar.sqlite"))
      #expect(try scene.plan(package).classifications == ["unchanged"])
    }
  }

  /// What recovery had to leave in the journal may be all there is of it.
  @Test func whatRecoveryCouldNotPutBackIsNeverForgotten() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let undoing = try #require(try scene.rollback().transaction)
      let manifest = scene.home.root.pushing(FilePath("session-sync/journal/\(undoing)/manifest.json"))
      let text = try manifest.text().replacing(#""committed""#, with: #""abandoned""#)
      try DurableFile.replace(manifest, with: Array(text.utf8))
      let plan = try forget(scene, before: Timestamp(milliseconds: 1_900_000_000_000))
      #expect(plan.transactions.isEmpty)
      #expect(try kept(scene).count == 1)
    }
  }
}
