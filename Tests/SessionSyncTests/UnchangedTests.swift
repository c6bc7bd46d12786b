import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct UnchangedTests {
  @Test(arguments: SessionMeta.Format.all, [true, false])
  func theSameDeliveryASecondTimeWritesNothing(_ format: SessionMeta.Format, _ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      let package = try scene.package("p", Sample.talk("one", format: format))
      try scene.sync(package)
      let before = try HomeSnapshot(scene.home)
      let stamp = try FileStamp.of(scene.home.catalogue)
      let result = try scene.sync(package)
      #expect(result.transaction == nil && result.plan.isEmpty)
      #expect(result.plan.sessions[0].detail == .identical)
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try FileStamp.of(scene.home.catalogue) == stamp)
    }
  }

  @Test func whereThereIsNothingToDoNotAFolderIsMade() throws {
    try Scene.play { scene in
      let talk = Sample.talk("one")
      try scene.home.add(talk)
      let names = try Folder.names(in: scene.home.root)
      #expect(try scene.sync(try scene.package("p", talk)).transaction == nil)
      #expect(try Folder.names(in: scene.home.root) == names)
    }
  }

  @Test func aDryRunWritesNothing() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let (before, names) = (try HomeSnapshot(scene.home), try Folder.names(in: scene.home.root))
      let plan = try scene.plan(try scene.package("p", Sample.talk("one", "two")))
      #expect(!plan.isEmpty)
      #expect(try HomeSnapshot(scene.home) == before)
      #expect(try Folder.names(in: scene.home.root) == names)
    }
  }

  @Test func whatIsAheadHereStays() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "two"))
      let session = try scene.plan(try scene.package("p", Sample.talk("one"))).sessions[0]
      #expect(session.classification == .unchanged && session.detail == .localAhead)
      #expect(session.localThreadID == Sample.thread(1) && session.action == .skip)
    }
  }

  @Test func aThreadWithoutHistoryIsLeftOut() throws {
    try Scene.play { scene in
      let result = try scene.sync(try scene.package("p", ThreadSample(TranscriptBuilder(), preview: "")))
      #expect(result.plan.sessions[0].detail == .empty && result.transaction == nil)
    }
  }

  @Test func whatTheTransferToolInstalledIsTheSameConversation() throws {
    try Scene.play { scene in
      let talk = Sample.talk("one", "two")
      var installed = talk
      installed.lines = try TransferTool.install(talk.lines, cwd: scene.project)
      try scene.home.add(installed)
      let session = try scene.plan(try scene.package("p", talk)).sessions[0]
      #expect(session.classification == .unchanged && session.detail == .identical)
    }
  }

  @Test func aRewoundHistoryIsKnown() throws {
    try Scene.play { scene in
      let base = Sample.talk("one")
      let long = base.and("two")
      try scene.home.add(long)
      var head = base.continued(as: base.thread, segment: Sample.thread(9))
      head.turn("other")
      try scene.home.add(ThreadSample(head))
      let session = try scene.plan(try scene.package("p", long)).sessions[0]
      #expect(session.classification == .unchanged && session.detail == .known)
    }
  }

  @Test func aDifferentNameIsOnlyReported() throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one"), columns: [("name", "Mine")]))
      let theirs = ThreadSample(Sample.talk("one"), isArchived: true, columns: [("name", "Theirs")])
      let result = try scene.sync(try scene.package("p", theirs))
      #expect(result.transaction == nil)
      let details = result.plan.sessions[0].warnings.filter { $0.code == .metadataDiffers }.map(\.detail)
      #expect(details == ["name: Theirs", "archived there"])
    }
  }
}
