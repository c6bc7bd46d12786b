import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

struct OptionTests {
  @Test func whatADryRunShowsIsWhatIsDone() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      let package = try scene.package(
        "p", Sample.talk("one", "theirs"), Sample.talk("b", "c", thread: Sample.thread(2)),
        Sample.talk("new", thread: Sample.thread(3)))
      let shown = try scene.plan(package)
      let done = try scene.command(package).execute(expecting: shown.digest)
      #expect(done.transaction != nil && done.plan.digest == shown.digest)
      #expect(done.plan.actions == [.branch, .append, .import])
      #expect(done.plan.sessions.map(\.localThreadID) == shown.sessions.map(\.localThreadID))
      #expect(try scene.transactions().first?.planDigest == shown.digest)
    }
  }

  @Test func anotherPlanThanTheOneShownIsRefused() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      let found = try scene.plan(package).digest
      let before = try HomeSnapshot(scene.home)
      #expect(throws: SyncError.planChanged(expected: "sha256:0", found: found)) {
        try scene.command(package).execute(expecting: "sha256:0")
      }
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func theDigestStandsForMapsAndFolders() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      var mapped = SyncOptions()
      mapped.maps = [.init(from: "/home/alice/project", to: "/srv/x")]
      var folders = SyncOptions()
      folders.createsDirectories = true
      let digests = try [SyncOptions(), mapped, folders].map { try scene.plan(package, $0).digest }
      #expect(Set(digests).count == 3)
      #expect(try scene.plan(package).digest == digests[0])
    }
  }

  @Test func onlyTheSessionsThatWereNamedArePlanned() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"), Sample.talk("two", thread: Sample.thread(2)))
      var options = SyncOptions()
      options.only = [Sample.thread(2)]
      let result = try scene.sync(package, options)
      #expect(result.plan.sessions.map(\.threadID) == [Sample.thread(2)])
      #expect(try scene.file(Sample.thread(1)) == nil)
    }
  }

  @Test func mapsLeadPathsElsewhere() throws {
    try Scene.play { scene in
      var options = SyncOptions()
      options.maps = [
        .init(from: "/home/alice", to: "/a"), .init(from: "/home/alice/project", to: "/srv/shop"),
      ]
      let result = try scene.sync(try scene.package("p", Sample.talk("one")), options)
      #expect(result.plan.sessions[0].localCwd == "/srv/shop")
      #expect(try scene.records(Sample.thread(1))[0]["payload"]?["cwd"] == "/srv/shop")
      #expect(result.plan.sessions[0].warnings.contains(.init(.cwdMissing, "/srv/shop")))
    }
  }

  @Test func aWindowsPathFollowsTheTransferRule() throws {
    try Scene.play { scene in
      var package = try PackageBuilder(scene.root.appending("p"))
      package.sourceHome = #"C:\Users\me"#
      try package.add(ThreadSample(Sample.talk("one", cwd: #"C:\Users\me\Documents\shop"#)))
      package.rows[0]["rollout_path"] = .string(
        #"\\?\C:\Users\me\.codex\sessions\2026\11\20\"# + (try Sample.talk("one").name.text))
      package.rows[0]["cwd"] = #"\\?\C:\Users\me\Documents\shop"#
      let plan = try scene.sync(try package.write()).plan
      #expect(plan.sessions[0].localCwd == scene.user.string + "/Documents/shop")
      #expect(try scene.home.row(Sample.thread(1))?["cwd"]?.string == scene.user.string + "/Documents/shop")
    }
  }

  @Test func aPathThatNoRuleCoversIsReported() throws {
    try Scene.play { scene in
      let plan = try scene.plan(try scene.package("p", Sample.talk("one", cwd: "/elsewhere/x")))
      #expect(plan.sessions[0].localCwd == "/elsewhere/x")
      #expect(plan.sessions[0].warnings.contains(.init(.cwdUnmapped, "/elsewhere/x")))
    }
  }

  @Test func foldersAreMadeUnderTheLocalHomeOnly() throws {
    try Scene.play { scene in
      let outside = scene.root.appending("elsewhere").string
      let package = try scene.package(
        "p", Sample.talk("one", cwd: "/home/alice/work/shop"),
        Sample.talk("b", thread: Sample.thread(2), cwd: outside),
        Sample.talk("c", thread: Sample.thread(3), cwd: scene.user.string + "/../escaped"))
      var options = SyncOptions()
      options.createsDirectories = true
      try scene.sync(package, options)
      #expect(try FileStamp.of(scene.user.appending("work").appending("shop"))?.kind == .folder)
      #expect(try FileStamp.of(FilePath(outside)) == nil)
      #expect(try FileStamp.of(scene.root.appending("escaped")) == nil)
      try scene.rollback()
      #expect(try Folder.names(in: scene.user).isEmpty)
    }
  }

  @Test func onlySkillsThatAreMissingAreTaken() throws {
    try Scene.play { scene in
      try scene.home.root.put("skills/mine/SKILL.md", "mine")
      let package = try scene.package("p", Sample.talk("one"))
      try package.put("skills/mine/SKILL.md", "theirs")
      try package.put("skills/new/SKILL.md", "new")
      try package.put("skills/new/a/b.txt", "deep")
      var options = SyncOptions()
      let before = try HomeSnapshot(scene.home)
      #expect(
        try scene.plan(package, options).digest
          != {
            options.importsMissingSkills = true; return try scene.plan(package, options).digest
          }())
      try scene.sync(package, options)
      #expect(try scene.home.root.pushing("skills/mine/SKILL.md").text() == "mine")
      #expect(try scene.home.root.pushing("skills/new/a/b.txt").text() == "deep")
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func aThreadThatIsLockedIsBusyAndTheOthersGoOn() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", thread: Sample.thread(2)))
      let result = try scene.holding("thread-writer-locks/\(Sample.thread(1)).lock") {
        try scene.sync(package)
      }
      #expect(result.plan.actions == [.blocked, .import])
      #expect(result.plan.sessions[0].blockers.map(\.code) == [.busy])
      #expect(try scene.records(Sample.thread(1)).count == Sample.talk("one").lines.count)
    }
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.root.put("thread-writer-locks/\(Sample.thread(1)).lock", "")
      #expect(try scene.sync(try scene.package("p", Sample.talk("one", "two"))).plan.actions == [.append])
    }
  }

  @Test func anotherRunHoldsTheHome() throws {
    try Scene.play { scene in
      let path = scene.home.root.appending("session-sync").appending("lock")
      let package = try scene.package("p", Sample.talk("one"))
      try scene.holding("session-sync/lock") {
        #expect(throws: SyncError.anotherRun(path)) { try scene.sync(package) }
      }
      #expect(try scene.file(Sample.thread(1)) == nil)
    }
  }

  @Test func aLockThatCannotBeOpenedPassedForAnotherRun() throws {
    try Scene.play { scene in
      let path = scene.home.root.pushing("session-sync/lock")
      try Folder.create(path)
      #expect(throws: SyncError.file(FileError(.lock, path, .isDirectory))) {
        try scene.sync(try scene.package("p", Sample.talk("one")))
      }
    }
  }

  @Test func theReceiversSettingsAreThoseOfItsConfiguration() throws {
    let config = """
      approval_policy = "untrusted"
      approvals_reviewer = "guardian_subagent"
      sandbox_mode = "workspace-write"
      model = "gpt-6"
      [sandbox_workspace_write]
      writable_roots = ["/data"]
      """
    try Scene.play(config: config) { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let settings = try scene.records(Sample.thread(1)).last?["payload"]?["thread_settings"]
      #expect(settings?["approval_policy"] == "untrusted" && settings?["approvals_reviewer"] == "auto_review")
      #expect(settings?["runtime_workspace_roots"] == [.string(scene.project), "/data"])
      #expect(settings?["model"] == "gpt-5" && settings?["model_provider_id"] == "openai")
      #expect(settings?["active_permission_profile"] == nil)
      #expect(try scene.home.row(Sample.thread(1))?["approval_mode"] == "untrusted")
    }
  }
}
