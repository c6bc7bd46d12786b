import CanonicalJSON
import Rollout
import SyncTestSupport
import Testing

@testable import SessionSync

/// Forks whose base did not come along, and is here: as it was, or as it was written here.
struct BaseTests {
  private let trunk = Sample.thread(1)
  private let fork = Sample.thread(2)

  private func forked(_ base: TranscriptBuilder) -> TranscriptBuilder {
    var builder = base.continued(as: fork)
    builder.turn("in the fork")
    return builder
  }

  /// The questions in a thread's file.
  private func questions(_ scene: Scene, _ thread: ThreadID) throws -> [String] {
    try scene.records(thread).compactMap { $0["payload"] }
      .filter { $0["role"] == "user" }
      .compactMap { $0["content"]?.array?.first?["text"]?.string }
      .filter { !$0.hasPrefix("<") }
  }

  @Test func aCutIsFoundInTheLocalisedCopy() throws {
    try Scene.play { scene in
      let base = Sample.talk("one", "two")
      var grown = base
      grown.turn("three")
      try scene.sync(scene.package("p", grown))
      let done = try scene.sync(scene.package("f", forked(base)))
      #expect(done.plan.classifications == ["new_lineage"])
      #expect(try questions(scene, fork) == ["one", "two", "in the fork"])
    }
  }

  @Test func aCutIsFoundInTheTailThatWasAppended() throws {
    try Scene.play { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      let grown = Sample.talk("one", "two")
      let alone = try scene.package("f", forked(grown))
      #expect(try scene.plan(alone).sessions[0].blockers.map(\.code) == [.incompleteLineage])
      try scene.sync(scene.package("q", grown))
      try scene.sync(alone)
      #expect(try questions(scene, fork) == ["one", "two", "in the fork"])
    }
  }

  @Test func aForkGotTheTextOfAnotherContinuationOfItsBase() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "two here"))
      let there = Sample.talk("one", "two away")
      #expect(there.length == Sample.talk("one", "two here").length)
      let branched = try scene.sync(scene.package("p", there))
      #expect(branched.plan.classifications == ["diverged_lineage"])
      let plan = try scene.plan(scene.package("f", forked(there)))
      #expect(plan.sessions[0].blockers.map(\.code) == [.incompleteLineage])
    }
  }

  @Test func whatARollbackTookAwayIsNoBase() throws {
    try Scene.play { scene in
      let base = Sample.talk("one")
      try scene.sync(scene.package("p", base))
      try scene.rollback()
      let plan = try scene.plan(scene.package("f", forked(base)))
      #expect(plan.sessions[0].blockers.map(\.detail) == ["missing_base: \(trunk)"])
    }
  }
}
