import CanonicalJSON
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Codex pages its list by the millisecond in which a thread was created.
struct CreationTimeTests {
  private let thread = Sample.thread(1)

  private func times(_ scene: Scene) throws -> [Int64] {
    try scene.home.query("SELECT created_at_ms AS time FROM threads").compactMap { $0["time"]?.integer }
  }

  /// What row, file and name say of one thread.
  private func agree(_ scene: Scene, _ thread: ThreadID) throws -> Bool {
    let row = try scene.home.row(thread)
    let time = Timestamp(try scene.records(thread)[0]["payload"]?["timestamp"]?.string ?? "")?.milliseconds
    return row?["created_at_ms"]?.integer == time && row?["created_at"]?.integer == time.map { $0 / 1000 }
  }

  @Test(arguments: SessionMeta.Format.all)
  func aBranchBeganWhereItWentAnotherWay(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine", format: format))
      let theirs = try scene.package("p", Sample.talk("one", "theirs", format: format))
      let branch = try #require(try scene.sync(theirs).plan.sessions[0].localThreadID)
      let time = try #require(try scene.home.row(branch)?["created_at_ms"]?.integer)
      #expect(time == branch.milliseconds.map { Int64($0) })
      #expect(try agree(scene, branch))
      #expect(try scene.home.row(thread)?["created_at_ms"]?.integer != time)
      #expect(try scene.plan(theirs).isEmpty)
    }
  }

  @Test func branchesOfOneTrunkHaveEachATimeOfItsOwn() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      for name in ["a", "b", "c"] {
        try scene.sync(try scene.package(name, Sample.talk("one", "theirs \(name)")))
      }
      #expect(Set(try times(scene)).count == 4)
      for row in try scene.home.query("SELECT id FROM threads") {
        let id = try #require(row["id"]?.string.flatMap(ThreadID.init))
        if id != thread { #expect(try agree(scene, id)) }
      }
    }
  }

  @Test func anImportThatMeetsALocalThreadIsMovedOnByAMillisecond() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("mine", thread: Sample.thread(2)))
      let taken = try #require(try times(scene).first)
      let column: [(String, JSONValue)] = [
        ("created_at_ms", .integer(taken)), ("created_at", .integer(taken / 1000)),
      ]
      let other = ThreadSample(Sample.talk("one", thread: Sample.thread(3)), columns: column)
      let package = try scene.package("p", ThreadSample(Sample.talk("one"), columns: column), other)
      try scene.sync(package)
      #expect(Set(try times(scene)) == [taken, taken + 1, taken + 2])
      #expect(try agree(scene, thread) && agree(scene, Sample.thread(3)))
      #expect(try scene.plan(package).isEmpty)
    }
  }

  @Test func anImportWithATimeOfItsOwnKeepsItsFirstRecord() throws {
    try Scene.play { scene in
      let sample = ThreadSample(Sample.talk("one"))
      try scene.sync(try scene.package("p", sample))
      #expect(try times(scene) == [sample.created * 1000])
      #expect(try scene.records(thread)[0]["payload"]?["timestamp"]?.string == Sample.time(0))
    }
  }
}
