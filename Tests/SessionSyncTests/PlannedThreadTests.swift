import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Sessions of one package that go on from each other, where something keeps the longest from being first.
struct PlannedThreadTests {
  private let stranger = Sample.thread(3)

  /// One conversation under any id: copies are told the same at the same time.
  private func copy(_ thread: ThreadID, _ questions: [String]) -> TranscriptBuilder {
    var transcript = TranscriptBuilder(thread, seconds: 500)
    for question in questions { transcript.turn(question) }
    return transcript
  }

  @Test func aThreadMadeOfTheSessionThatGoesOnFromItKeepsItsOwnFileName() throws {
    let old = try #require(ThreadID("c2a8f3d0-5b1e-4c6f-9d27-0a1b2c3d4e5f"))
    try Scene.play { scene in
      try scene.home.add(Sample.talk("another matter", thread: stranger))
      let short = ThreadSample(copy(old, ["one"]))
      let long = ThreadSample(copy(stranger, ["one", "two"]))
      let result = try scene.sync(try scene.package("p", short, long))
      #expect(result.plan.actions == [.skip, .branch])
      #expect(result.plan.sessions.map(\.localThreadID) == [old, old])
      let file = try #require(try scene.file(old))
      #expect(file.lastComponent?.string == (try short.transcript.name.text))
      #expect(try scene.plan(try scene.package("again", short, long)).isEmpty)
      try DurableFile.remove(scene.home.root.pushing("session-sync/sidecar.sqlite"))
      #expect(try scene.plan(try scene.package("again2", short, long)).isEmpty)
      let grown = ThreadSample(copy(stranger, ["one", "two", "three"]))
      #expect(try scene.sync(try scene.package("more", short, grown)).plan.actions == [.skip, .append])
      #expect(try scene.plan(try scene.package("more2", short, grown)).isEmpty)
    }
  }

  @Test func anEmptyThreadReceivesTheLongestOfWhatGoesOnFromIt() throws {
    try Scene.play { scene in
      let mine = Sample.thread(1)
      try scene.home.add(ThreadSample(copy(mine, [])))
      try scene.home.add(Sample.talk("another matter", thread: stranger))
      let package = try scene.package(
        "p", ThreadSample(copy(mine, ["one"])), ThreadSample(copy(stranger, ["one", "two"])))
      #expect(try scene.sync(package).plan.actions == [.skip, .append])
      #expect(try scene.plan(package).isEmpty)
      let ordinals = try scene.records(mine).compactMap { $0["ordinal"]?.integer }
      #expect(ordinals == (0..<Int64(ordinals.count)).map { $0 })
      #expect(try scene.records(mine).count == copy(mine, ["one", "two"]).lines.count + 1)
    }
  }
}
