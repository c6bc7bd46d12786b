import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct PackupTests {
  private func pack(_ scene: Scene, _ name: String, _ selection: Packup.Selection) throws -> [ThreadID] {
    try scene.packup(name, .init(selection)).packed.map(\.thread)
  }

  @Test(arguments: ["out", "out.zip", "out.tar", "out.tar.gz", "out.tar.zst"])
  func whatIsPackedIsUnchangedAtHomeAndNewElsewhere(_ name: String) throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one"), columns: [("name", "Named")]))
      try scene.home.add(
        ThreadSample(Sample.talk("b", thread: Sample.thread(2), format: .legacy), isArchived: true))
      let before = try HomeSnapshot(scene.home)
      let result = try scene.packup(name)
      #expect(result.packed.map(\.thread) == [Sample.thread(1), Sample.thread(2)] && result.blocked.isEmpty)
      #expect(try HomeSnapshot(scene.home) == before)
      let path = scene.root.appending(name)
      #expect(try scene.plan(path).sessions.map(\.detail) == [.identical, .identical])
      try Scene.play { other in
        let plan = try other.sync(path).plan
        #expect(plan.classifications == ["new_lineage", "new_lineage"])
        #expect(try other.home.row(Sample.thread(1))?["name"] == "Named")
        #expect(try other.home.row(Sample.thread(2))?["archived"] == 1)
        #expect(plan.origin == result.origin && result.origin != nil)
      }
    }
  }

  @Test func aPackedFileIsTheFileByteForByte() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      _ = try scene.packup("out")
      let packed = scene.root.pushing(FilePath("out/sessions/\(try Sample.talk("one").name.text)"))
      #expect(try FileReading.bytes(of: packed) == FileReading.bytes(of: path))
      #expect(try FileStamp.of(packed)?.modified == FileStamp.of(path)?.modified)
    }
  }

  @Test func foldersAreChosenWithWhatIsBelowThem() throws {
    try Scene.play { scene in
      let folders = ["/w/shop", "/w/shop/deep", "/w/shopping", #"C:\w\shop\x"#, #"\\?\C:\w\Shop"#]
      for (index, folder) in folders.enumerated() {
        try scene.home.add(Sample.talk("q\(index)", thread: Sample.thread(UInt16(index + 1)), cwd: folder))
      }
      #expect(try pack(scene, "a", .folders(["/w/shop"])) == [Sample.thread(1), Sample.thread(2)])
      #expect(try pack(scene, "b", .folders([#"c:/w/shop"#])) == [Sample.thread(4), Sample.thread(5)])
      #expect(
        try pack(scene, "c", .folders(["/w/shop/deep", "/w/shopping"])) == [
          Sample.thread(2), Sample.thread(3),
        ])
      #expect(throws: SyncError.nothingSelected) { try pack(scene, "d", .folders(["/nowhere"])) }
      #expect(throws: SyncError.unknownThread(Sample.thread(99))) {
        try pack(scene, "e", .threads([Sample.thread(99)]))
      }
      #expect(try FileStamp.of(scene.root.appending("d")) == nil)
    }
  }

  @Test func onlyWhatWentOnSinceIsPacked() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let later = ThreadSample(Sample.talk("b", "c", thread: Sample.thread(2)))
      try scene.home.add(later)
      var options = Packup.Options(.all)
      options.since = Timestamp(milliseconds: later.updated * 1000)
      #expect(try scene.packup("out", options).packed.map(\.thread) == [Sample.thread(2)])
      options.since = Timestamp(milliseconds: later.updated * 1000 + 1)
      #expect(throws: SyncError.nothingSelected) { try scene.packup("out2", options) }
    }
  }

  @Test func subAgentsTravelWithTheirParent() throws {
    try Scene.play { scene in
      func source(_ parent: ThreadID) -> [(String, JSONValue)] {
        [("source", ["subagent": ["thread_spawn": ["parent_thread_id": .string(parent.text), "depth": 1]]])]
      }
      let ids = (1...4).map { Sample.thread(UInt16($0)) }
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(Sample.talk("two", thread: ids[1], cwd: "/x", extra: source(ids[0])))
      try scene.home.add(Sample.talk("three", thread: ids[2], cwd: "/y", extra: source(ids[1])))
      try scene.home.add(Sample.talk("four", thread: ids[3]))
      #expect(try pack(scene, "out", .threads([ids[0]])) == Array(ids.prefix(3)))
      #expect(try pack(scene, "out2", .threads([ids[2]])) == [ids[2]])
    }
  }

  @Test func aForkIsFlattenedIntoOneFile() throws {
    try Scene.play { scene in
      let base = Sample.talk("one")
      try scene.home.add(base.and("mine"))
      var fork = base.continued(as: Sample.thread(2))
      fork.turn("forked")
      try scene.home.add(fork)
      let result = try scene.packup("out", .init(.threads([Sample.thread(2)])))
      #expect(result.packed.count == 1)
      let lines = try scene.root.pushing(FilePath("out/sessions/\(try fork.name.text)")).lines()
      let records = try lines.map { try JSONValue(parsing: $0) }
      #expect(records.count == base.lines.count + fork.lines.count - 1)
      #expect(records[0]["payload"]?["history_base"] == nil)
      #expect(records[0]["payload"]?["forked_from_id"]?.string == base.thread.text)
      #expect(records.map { $0["ordinal"]?.integer } == (0..<Int64(records.count)).map { $0 })
      try Scene.play { other in
        let plan = try other.sync(scene.root.appending("out")).plan
        #expect(plan.actions == [.import])
      }
      #expect(try scene.plan(scene.root.appending("out")).sessions[0].detail == .identical)
    }
  }

  @Test func aForkWhoseBaseIsLostIsBlockedAndTheOthersArePacked() throws {
    try Scene.play { scene in
      let base = Sample.talk("one")
      var fork = base.continued(as: Sample.thread(2))
      fork.turn("forked")
      let path = try scene.home.add(fork)
      try scene.home.add(Sample.talk("three", thread: Sample.thread(3)))
      let result = try scene.packup("out")
      #expect(result.packed.map(\.thread) == [Sample.thread(3)])
      #expect(result.blocked.map(\.thread) == [Sample.thread(2)])
      let blocker = Blocker(
        .incompleteLineage, path: path.string, detail: "missing_base: \(Sample.thread(1))", place: .first)
      #expect(result.blocked.map(\.blocker) == [blocker])
    }
  }

  @Test func whereNothingCanBePackedTheReasonIsSaid() throws {
    try Scene.play { scene in
      var fork = Sample.talk("one").continued(as: Sample.thread(2))
      fork.turn("forked")
      let path = try scene.home.add(fork)
      #expect(throws: SyncError.rollout(.missingBase(path, rollout: Sample.thread(1)))) {
        try scene.packup("out")
      }
      #expect(try FileStamp.of(scene.root.appending("out")) == nil)
    }
  }

  @Test func aTornTailIsLeftOutAndSaidSo() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try DurableFile.replace(path, with: Sample.talk("one").bytes + Array(#"{"torn"#.utf8))
      let result = try scene.packup("out")
      #expect(result.packed[0].warnings == [.init(.tornTail, "6 bytes")])
      let packed = scene.root.pushing(FilePath("out/sessions/\(try Sample.talk("one").name.text)"))
      #expect(try FileReading.bytes(of: packed) == Sample.talk("one").bytes)
    }
  }

  @Test(arguments: [true, false])
  func aRevertedThreadPacksItsHeadUnderItsFirstName(_ hasCatalogue: Bool) throws {
    try Scene.play(hasCatalogue: hasCatalogue) { scene in
      let base = Sample.talk("one")
      try scene.home.add(base.and("two"))
      var head = base.continued(as: base.thread, segment: Sample.thread(9))
      head.turn("other")
      try scene.home.add(head)
      let result = try scene.packup("out")
      #expect(result.packed[0].warnings == (hasCatalogue ? [] : [.init(.headByName)]))
      let folder = scene.root.pushing("out/sessions")
      #expect(try Folder.names(in: folder) == [try base.name.text])
      let text = try folder.appending(base.name.text).text()
      #expect(text.contains("other") && !text.contains("Echo: two"))
      let opened = try SessionPackage.open(scene.root.appending("out"), staging: scene.root)
      #expect(opened.sessions[0].lineage?.lineageKeys.count == 2)
    }
  }

  @Test func aCompressedRolloutIsPackedPlain() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"), isCompressed: true)
      _ = try scene.packup("out")
      let packed = scene.root.pushing(FilePath("out/sessions/\(try Sample.talk("one").name.text)"))
      #expect(try FileReading.bytes(of: packed) == Sample.talk("one").bytes)
    }
  }

  @Test func nothingIsWrittenOverAnotherPackage() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let file = try scene.root.put("out/mine.txt", "mine")
      let archive = try scene.root.put("out.zip", "mine")
      #expect(throws: SyncError.package(.targetNotEmpty(scene.root.appending("out")))) {
        try scene.packup("out")
      }
      #expect(throws: SyncError.package(.targetExists(archive))) { try scene.packup("out.zip") }
      #expect(try file.text() == "mine" && archive.text() == "mine")
      #expect(try Folder.names(in: scene.root.appending("out")) == ["mine.txt"])
    }
  }

  @Test func skillsTravelWhereThatIsWanted() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.root.put("skills/shop/SKILL.md", "x")
      try scene.home.root.put("skills/.system/SKILL.md", "x")
      try scene.home.root.put("skills/codex-session-sync/bin/codex-session-sync", "our own program")
      var options = Packup.Options(.all)
      #expect(try scene.packup("without", options).summary.skills == [])
      options.withSkills = true
      #expect(try scene.packup("with", options).summary.skills == ["shop"])
    }
  }

  @Test func aBranchGoesHomeAndIsRecognised() throws {
    try Scene.play { here in
      try here.home.add(Sample.talk("one", "mine"))
      try here.sync(try here.package("p", Sample.talk("one", "theirs")))
      _ = try here.packup("back")
      try Scene.play { there in
        try there.home.add(Sample.talk("one", "theirs"))
        let plan = try there.sync(here.root.appending("back")).plan
        #expect(plan.classifications.sorted() == ["diverged_lineage", "unchanged"])
        #expect(try there.sync(here.root.appending("back")).transaction == nil)
      }
    }
  }
}
