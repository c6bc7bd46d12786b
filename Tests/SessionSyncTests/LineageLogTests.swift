import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct LineageLogTests {
  private func log(_ scene: Scene, _ ids: [ThreadID] = [], all: Bool = false) throws -> [LineageLog.Lineage] {
    try LineageLog(home: try scene.home.open(), surroundings: try scene.surroundings).lineages(
      of: ids, all: all)
  }

  @Test func branchesStandBehindWhatTheyPartedFromWithWhatWasDelivered() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(Sample.talk("never travelled", thread: Sample.thread(2)))
      try scene.sync(try scene.package("first", Sample.talk("one", "two")))
      let file = try #require(try scene.file(Sample.thread(1)))
      var mine = TranscriptBuilder(Sample.thread(1), firstOrdinal: 100, seconds: 900)
      mine.lines = []
      mine.turn("my own")
      try file.removingLastComponent().put(
        file.lastComponent?.string ?? "", try FileReading.bytes(of: file) + mine.bytes)
      let branched = try scene.sync(try scene.package("second", Sample.talk("one", "two", "three")))
      let branch = try #require(branched.plan.sessions.first?.localThreadID)
      let lineage = try #require(try log(scene).first)
      #expect(try log(scene).count == 1 && log(scene, all: true).count == 2)
      #expect(lineage.threads.map(\.id) == [Sample.thread(1), branch])
      #expect(
        lineage.threads.map(\.turns) == [3, 3] && lineage.threads.map(\.parent) == [nil, Sample.thread(1)])
      #expect(lineage.threads[1].common == 6 && lineage.threads[1].history == 8)
      #expect(lineage.threads.map { $0.deliveries.map(\.action) } == [["append"], ["branch"]])
      try scene.rollback()
      #expect(try log(scene)[0].threads.map(\.id) == [Sample.thread(1)])
    }
  }

  @Test func aThreadThatIsNamedIsShownAndOneThatIsNotHereIsRefused() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      #expect(try log(scene).isEmpty)
      #expect(try log(scene, [Sample.thread(1)]).map { $0.threads.map(\.id) } == [[Sample.thread(1)]])
      #expect(throws: SyncError.unknownThread(Sample.thread(7))) { try log(scene, [Sample.thread(7)]) }
    }
  }
}
