import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct DivergenceTests {
  private let thread = Sample.thread(1)
  private let theirs = ThreadSample(Sample.talk("one", "theirs"))

  @Test(arguments: SessionMeta.Format.all, [true, false])
  func bothSidesStay(_ format: SessionMeta.Format, _ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      let path = try scene.home.add(Sample.talk("one", "mine", format: format))
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", Sample.talk("one", "theirs", format: format))
      let result = try scene.sync(package)
      let session = result.plan.sessions[0]
      #expect(session.classification == .divergedLineage && session.action == .branch)
      let branch = try #require(session.localThreadID)
      #expect(branch != thread)
      let after = try HomeSnapshot(scene.home)
      #expect(before.files.allSatisfy { after.files[$0.key] == $0.value })
      #expect(try FileReading.bytes(of: path) == Sample.talk("one", "mine", format: format).bytes)
      let records = try scene.records(branch)
      #expect(records[0]["payload"]?["id"]?.string == branch.text)
      #expect(records[0]["payload"]?["forked_from_id"] == nil)
      let marker = try #require(Marker(records[0]["payload"]?[Marker.key]))
      #expect(marker.rootThread == thread && !marker.isClosed && marker.common == session.history.common)
      #expect(try scene.sync(package).transaction == nil)
      if hasCatalogue {
        #expect(before.rows.allSatisfy(after.rows.contains) && after.rows.count == before.rows.count + 1)
      }
    }
  }

  @Test func theBranchsRowSaysWhereItCameFrom() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      let branch = try #require(try scene.sync(try scene.package("p", theirs)).plan.sessions[0].localThreadID)
      let row = try #require(try scene.home.row(branch))
      #expect(row["name"] == "one (branch from alice)" && row["title"] == "one" && row["preview"] == "one")
      #expect(row["history_mode"] == "paginated" && row["updated_at"] == .integer(theirs.updated))
      #expect(row["recency_at_ms"] == .integer(theirs.updated * 1000))
      #expect(row["rollout_path"]?.string == (try scene.file(branch))?.string)
      let path = try #require(try scene.file(branch))
      #expect(try FileStamp.of(path)?.modified == modifiedAtEnd(theirs))
      let index = try scene.home.root.appending("session_index.jsonl").lines()
      #expect(try index.map { try JSONValue(parsing: $0)["thread_name"] } == ["one (branch from alice)"])
    }
  }

  @Test func aLegacyBranchHasItsNameInTheTitle() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine", format: .legacy))
      let package = try scene.package("p", Sample.talk("one", "theirs", format: .legacy))
      let branch = try #require(try scene.sync(package).plan.sessions[0].localThreadID)
      let row = try #require(try scene.home.row(branch))
      #expect(row["title"] == "one (branch from alice)" && row["name"] == .null)
    }
  }

  @Test func theSuffixIsNotDoubled() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      let named = ThreadSample(Sample.talk("one", "theirs"), columns: [("name", "Shop (branch from carol)")])
      let branch = try #require(try scene.sync(try scene.package("p", named)).plan.sessions[0].localThreadID)
      #expect(try scene.home.row(branch)?["name"] == "Shop (branch from alice)")
    }
  }

  @Test func twoMachinesGiveABranchTheSameID() throws {
    var ids: [ThreadID?] = []
    for question in ["mine", "also mine"] {
      try Scene.play { scene in
        try scene.home.add(Sample.talk("one", question))
        ids.append(try scene.sync(try scene.package("p", theirs)).plan.sessions[0].localThreadID)
      }
    }
    #expect(ids[0] != nil && ids[0] == ids[1])
    let common = Sample.talk("one").lines.count
    let tail = try theirs.transcript.lines.dropFirst(common).map { try JSONValue(parsing: $0) }
    let first = tail.first { $0["type"] == "response_item" }?["timestamp"]?.string
    #expect(ids[0]?.milliseconds == first.flatMap { Timestamp($0) }.map { UInt64($0.milliseconds) })
  }

  @Test func aBranchIsFastForwardedLater() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      let branch = try scene.sync(try scene.package("p1", theirs)).plan.sessions[0].localThreadID
      let more = try scene.sync(try scene.package("p2", theirs.transcript.and("again")))
      #expect(more.plan.classifications == ["fast_forward_import"])
      #expect(more.plan.sessions[0].localThreadID == branch)
      #expect(try scene.home.open().rollouts().count == 2)
    }
  }

  @Test func aBranchsNameIsNotReplacedByTheRootsName() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      let branch = try #require(
        try scene.sync(try scene.package("p1", theirs)).plan.sessions[0].localThreadID)
      let named = ThreadSample(theirs.transcript.and("again"), columns: [("name", "Theirs")])
      try scene.sync(try scene.package("p2", named))
      #expect(try scene.home.row(branch)?["name"] == "one (branch from alice)")
    }
  }

  @Test func aSubAgentsParentIsNamedByItsNewID() throws {
    try Scene.play { scene in
      let child = Sample.thread(2)
      let source: JSONValue = [
        "subagent": ["thread_spawn": ["parent_thread_id": .string(thread.text), "depth": 1]]
      ]
      try scene.home.add(Sample.talk("one", "mine"))
      let package = try scene.package(
        "p", theirs.transcript, Sample.talk("help", thread: child, extra: [("source", source)]))
      let result = try scene.sync(package)
      let branch = try #require(result.plan.entry(thread)?.localThreadID)
      let parent = try scene.records(child)[0]["payload"]?["source"]?["subagent"]?["thread_spawn"]?[
        "parent_thread_id"]
      #expect(parent?.string == branch.text)
    }
  }

  @Test func anUnrelatedThreadWithOurIDIsReportedAndLeftOut() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("mine"))
      var other = TranscriptBuilder(seconds: 5000)
      other.turn("quite another")
      let package = try scene.package("p", ThreadSample(other, preview: "quite another"))
      let before = try HomeSnapshot(scene.home)
      let result = try scene.sync(package)
      #expect(result.plan.classifications == ["id_collision_unrelated"] && result.plan.actions == [.skip])
      #expect(result.plan.sessions[0].localThreadID == nil && result.transaction == nil)
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func anUnrelatedThreadWithOurIDIsImportedWhereThatIsWanted() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("mine"))
      var other = TranscriptBuilder(seconds: 5000)
      other.turn("quite another")
      let package = try scene.package("p", ThreadSample(other, preview: "quite another"))
      var options = SyncOptions()
      options.importsCollisions = true
      let result = try scene.sync(package, options)
      let id = try #require(result.plan.sessions[0].localThreadID)
      #expect(id != thread && result.plan.actions == [.branch])
      #expect(try scene.home.row(id)?["preview"] == "quite another")
      #expect(try FileReading.bytes(of: path) == Sample.talk("mine").bytes)
      #expect(try scene.sync(package, options).transaction == nil)
      #expect(try scene.sync(package).transaction == nil)
    }
  }
}
