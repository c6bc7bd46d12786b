import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Working folders are not chosen by strangers, and are what the user says.
struct WorkingFolderTests {
  private func options(_ maps: (String, String)..., trusts: Bool = false) -> SyncOptions {
    var options = SyncOptions()
    options.maps = maps.map { .init(from: $0.0, to: $0.1) }
    options.trustsOrigin = trusts
    return options
  }

  /// A package that says which machine it is from, and where its user's home is there.
  private func package(
    _ scene: Scene, _ name: String, origin: String? = "019a0000-0000-7000-8000-00000000000a",
    home: String = "/home/eve", _ talks: TranscriptBuilder...
  ) throws -> FilePath {
    let path = try PackageBuilder(scene.root.appending(name), talks).write()
    let lineage: JSONValue = [
      "schema": .string(PackageLineage.schema), "origin": origin.map(JSONValue.string) ?? .null,
      "machine": "m", "title": .null, "source_home": .string(home), "threads": [:],
    ]
    try path.put("metadata/lineage.json", lineage.bytes)
    return path
  }

  @Test(arguments: ["", "/.ssh", "/.codex", "/.config/x", "/", "//", "/work/../.ssh"])
  func aPackageDoesNotChooseTheHomeFolder(_ tail: String) throws {
    try Scene.play { scene in
      // No rule follows `..` upwards: the other machine's path stays what it is.
      for start in ["/home/eve", scene.user.string] where start != "/home/eve" || !tail.contains("..") {
        let talk = Sample.talk("one", cwd: start + tail)
        let good = Sample.talk("good", thread: Sample.thread(2), cwd: "/home/eve/work")
        let result = try scene.sync(try package(scene, "p-\(start.hashValue)", talk, good))
        let entry = try #require(result.plan.entry(Sample.thread(1)))
        #expect(entry.action == .blocked && entry.blockers.map(\.code) == [.unsafeFolder], "\(start)\(tail)")
        #expect(try scene.file(Sample.thread(1)) == nil)
        #expect(result.plan.entry(Sample.thread(2))?.localCwd == scene.user.appending("work").string)
      }
    }
  }

  @Test func aFolderThatHoldsTheHomeIsNoneEither() throws {
    try Scene.play { scene in
      for (number, cwd) in ["/", "/tmp", scene.root.string, scene.home.root.string].enumerated() {
        let talk = Sample.talk("one", thread: Sample.thread(UInt16(number + 1)), cwd: cwd)
        let plan = try scene.plan(try package(scene, "p\(number)", talk))
        #expect(plan.sessions[0].blockers.map(\.code) == [.unsafeFolder], "\(cwd)")
      }
    }
  }

  @Test func noRecordOfASafeSessionNamesAGuardedFolder() throws {
    try Scene.play { scene in
      var talk = TranscriptBuilder(cwd: "/home/eve/.ssh")
      talk.turn("one")
      talk.cwd = "/home/eve/work"
      talk.turn("two")
      talk.settings()
      let result = try scene.sync(try package(scene, "p", talk))
      #expect(result.plan.sessions[0].action == .import, "\(result.plan.sessions[0].blockers)")
      let work = scene.user.appending("work").string
      for record in try scene.records(Sample.thread(1)) {
        let payload = record["payload"]
        for cwd in [payload?["cwd"], payload?["thread_settings"]?["cwd"]].compactMap({ $0?.string }) {
          #expect(cwd == work)
        }
      }
    }
  }

  @Test func theUserSaysYesByHand() throws {
    try Scene.play { scene in
      let package = try package(scene, "p", Sample.talk("one", cwd: "/home/eve"))
      let result = try scene.sync(package, options(("/home/eve", scene.user.string)))
      #expect(result.plan.sessions[0].action == .import)
      #expect(result.plan.sessions[0].localCwd == scene.user.string)
      // What is remembered of it is no yes for the next one: it is a claim of the package who packed.
      let next = try self.package(scene, "n", Sample.talk("two", thread: Sample.thread(2), cwd: "/home/eve"))
      #expect(try scene.plan(next).sessions[0].blockers.map(\.code) == [.unsafeFolder])
    }
  }

  @Test func aMachineOfTheUsersIsRemembered() throws {
    try Scene.play { scene in
      let first = try package(scene, "p", Sample.talk("one", cwd: "/home/eve"))
      let blocked = try scene.plan(first)
      let shown = try scene.plan(first, options(trusts: true))
      #expect(blocked.sessions[0].action == .blocked && blocked.digest != shown.digest)
      #expect(try scene.sync(first, options(trusts: true)).plan.sessions[0].localCwd == scene.user.string)
      let second = try package(
        scene, "n", Sample.talk("two", thread: Sample.thread(2), cwd: "/home/eve/.dot"))
      #expect(try scene.plan(second).sessions[0].localCwd == "\(scene.user)/.dot")
      try DurableFile.remove(scene.home.root.pushing("session-sync/sidecar.sqlite"))
      #expect(try scene.plan(second).sessions[0].action == .import, "the journal tells it too")
      let other = try package(
        scene, "o", origin: "019a0000-0000-7000-8000-00000000000b",
        Sample.talk("three", thread: Sample.thread(3), cwd: "/home/eve"))
      #expect(try scene.plan(other).sessions[0].action == .blocked)
      try scene.rollback()
      #expect(try scene.plan(second).sessions[0].action == .blocked, "undone, and no longer remembered")
    }
  }

  @Test func trustAloneIsRemembered() throws {
    try Scene.play { scene in
      let package = try package(scene, "p", Sample.talk("one", cwd: "/home/eve/work"))
      try scene.sync(package)
      let result = try scene.sync(package, options(trusts: true))
      #expect(result.transaction != nil && result.plan.actions == [.skip])
      #expect(try scene.sync(package, options(trusts: true)).transaction == nil)
    }
  }

  @Test func aThreadThatWorksThereGoesOnThere() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", cwd: scene.user.string))
      let result = try scene.sync(try package(scene, "p", Sample.talk("one", "two", cwd: "/home/eve")))
      #expect(result.plan.sessions[0].action == .append, "\(result.plan.sessions[0].blockers)")
      #expect(result.plan.sessions[0].localCwd == scene.user.string)
    }
  }

  @Test func nothingIsMadeBehindALink() throws {
    try Scene.play { scene in
      let elsewhere = try scene.root.made("elsewhere")
      try symlink(scene.user.appending("work"), to: elsewhere.string)
      let package = try package(scene, "p", Sample.talk("one", cwd: "/home/eve/work/new"))
      var options = SyncOptions()
      options.createsDirectories = true
      let plan = try scene.sync(package, options).plan
      #expect(plan.sessions[0].blockers.first?.detail == "behind_link" && plan.folders.isEmpty)
      #expect(plan.sessions[0].blockers.first?.path == scene.user.appending("work").string)
      #expect(try Folder.names(in: elsewhere).isEmpty)
      #expect(try scene.sync(package).plan.sessions[0].action == .import)
    }
  }

  @Test func aMapThatMatchesNothingIsNamed() throws {
    try Scene.play { scene in
      let package = try package(scene, "p", Sample.talk("one", cwd: "/home/eve/work"))
      let plan = try scene.plan(package, options(("/home/evil", "/srv"), ("/home/eve", "/srv")))
      #expect(plan.unmatchedMaps == [.init(from: "/home/evil", to: "/srv")])
      #expect(plan.packageFolders == ["/home/eve/work"])
      #expect(try scene.plan(package, options(("/home", "/srv"))).unmatchedMaps.isEmpty)
    }
  }

  @Test(arguments: SessionMeta.Format.all)
  func aMapMovesAThreadThatIsHereAlready(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let talk = Sample.talk("one", format: format, cwd: "/home/eve/work")
      let package = try package(scene, "p", talk)
      try scene.sync(package)
      let before = try HomeSnapshot(scene.home)
      let moved = options(("/home/eve/work", "/srv/shop"))
      let shown = try scene.plan(package, moved)
      #expect(shown.sessions[0].isMove && shown.sessions[0].size.records == 1)
      #expect(shown.sessions[0].classification == .unchanged)
      let result = try scene.command(package, moved).execute(expecting: shown.digest)
      let last = try #require(try scene.records(Sample.thread(1)).last?["payload"]?["thread_settings"])
      #expect(last["cwd"] == "/srv/shop" && last["runtime_workspace_roots"] == ["/srv/shop"])
      #expect(try scene.home.row(Sample.thread(1))?["cwd"] == "/srv/shop")
      #expect(result.plan.sessions[0].localCwd == "/srv/shop")
      #expect(try scene.sync(package, moved).transaction == nil, "the second time nothing is to be done")
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func aThreadThatCodexHasOpenIsNotMoved() throws {
    try Scene.play { scene in
      let package = try package(scene, "p", Sample.talk("one", cwd: "/home/eve/work"))
      try scene.sync(package)
      try scene.holding("thread-writer-locks/\(Sample.thread(1)).lock") {
        let plan = try scene.plan(package, options(("/home/eve/work", "/srv/shop")))
        #expect(plan.sessions[0].blockers.map(\.code) == [.busy])
      }
    }
  }

  @Test func whatTheTransferToolLeftAsItWasTeachesNothing() throws {
    try Scene.play { scene in
      try scene.home.install(Sample.talk("one", cwd: "/home/eve/shop"))
      let plan = try scene.plan(try package(scene, "p", Sample.talk("one", "two", cwd: "/home/eve/shop")))
      #expect(plan.sessions[0].action == .append && plan.sessions[0].localCwd == "\(scene.user)/shop")
    }
    try Scene.play { scene in
      let here = try scene.root.made("shop").string
      try scene.home.install(Sample.talk("one", cwd: here))
      let plan = try scene.plan(try package(scene, "p", Sample.talk("one", "two", cwd: here)))
      #expect(plan.sessions[0].localCwd == here, "a folder that is here")
    }
  }

  @Test func sessionsOfAPackageThatUnfoldTooFarTogetherAreBlocked() throws {
    try Scene.play { scene in
      var builder = try PackageBuilder(scene.root.appending("p"))
      let filler = [UInt8](repeating: 0x20, count: 20 << 20)
      for number in UInt16(1)...5 {
        var talk = Sample.talk("q", thread: Sample.thread(number))
        talk.lines.append(
          Array(#"{"type":"event_msg","payload":{"type":"x","y":""#.utf8) + filler + Array("\"}}".utf8))
        try builder.add(ThreadSample(talk))
        let plain = builder.path.appending("sessions").appending(try talk.name.text)
        try ZstdFile.write(talk.bytes, to: FilePath("\(plain).zst"))
        try DurableFile.remove(plain)
      }
      let plan = try scene.plan(try builder.write())
      let blocked = plan.sessions.filter { $0.action == .blocked }
      #expect(blocked.count == 2 && blocked.allSatisfy { $0.blockers.map(\.code) == [.overLimit] })
      #expect(blocked.allSatisfy { $0.blockers[0].detail == "package_total" })
    }
  }
}
