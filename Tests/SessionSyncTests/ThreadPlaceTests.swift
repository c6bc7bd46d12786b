import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Threads whose files lie elsewhere than Codex puts them: the row decides.
struct ThreadPlaceTests {
  private let thread = Sample.thread(1)

  /// Moves a thread's file and turns its row to it.
  private func move(_ scene: Scene, _ path: FilePath, to target: FilePath) throws {
    try Folder.create(target.removingLastComponent())
    try rename(path, to: target)
    try turn(scene, to: target)
  }

  private func turn(_ scene: Scene, to target: FilePath) throws {
    try scene.home.execute(
      "UPDATE threads SET rollout_path = ? WHERE id = ?", [.string(target.string), .string(thread.text)])
  }

  private func health(_ scene: Scene) throws -> HealthReport {
    try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
  }

  @Test func aCopiedHomeIsReadWhereItsRowsLead() throws {
    try Scene.play { scene in
      let stale = try scene.home.add(Sample.talk("one"))
      let used = scene.root.pushing(FilePath("old")).appending(stale.components.suffix(5))
      try used.removingLastComponent().put(
        used.lastComponent?.string ?? "", Sample.talk("one", "after the move").bytes)
      try turn(scene, to: used)
      let result = try scene.packup("out")
      #expect(result.packed.map(\.turns) == [2])
      #expect(result.packed.first?.warnings == [.init(.otherCopy, stale.string)])
      let before = try HomeSnapshot(scene.home)
      #expect(try scene.plan(scene.package("older", Sample.talk("one"))).classifications == ["unchanged"])
      let longer = try scene.package("longer", Sample.talk("one", "after the move", "and on"))
      let blocked = try scene.sync(longer).plan.sessions[0]
      #expect(blocked.blockers.map(\.code) == [.foreignFile] && blocked.blockers.first?.path == used.string)
      #expect(try HomeSnapshot(scene.home) == before)
      let branch = try scene.sync(scene.package("other", Sample.talk("one", "over there"))).plan
      #expect(branch.actions == [.branch])
      #expect(try scene.home.row(thread)?["rollout_path"] == .string(used.string))
    }
  }

  @Test(arguments: ["-123Z", ""], SessionMeta.Format.all)
  func aFileUnderANameOfItsOwnIsTheThreads(_ more: String, _ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one", "here", format: format))
      let name = more.isEmpty ? "\(thread).jsonl" : "rollout-2026-11-20T10-00-00\(more)-\(thread).jsonl"
      let own = path.removingLastComponent().appending(name)
      try move(scene, path, to: own)
      let before = try HomeSnapshot(scene.home)
      let older = try scene.package("older", Sample.talk("one", format: format))
      #expect(try scene.sync(older).plan.classifications == ["unchanged"])
      #expect(try HomeSnapshot(scene.home) == before)
      let packed = try scene.packup("out").summary.path.appending("sessions")
      #expect(try Folder.names(in: packed).compactMap { RolloutName($0)?.thread } == [thread])
      let longer = try scene.sync(scene.package("longer", Sample.talk("one", "here", "more", format: format)))
      // Codex itself does not open a paginated thread under such a name.
      let isWritten = format == .legacy
      #expect(longer.plan.actions == [isWritten ? .append : .blocked])
      if !isWritten { return }
      #expect(try scene.home.row(thread)?["rollout_path"] == .string(own.string))
      #expect(try scene.packup("again").packed.map(\.turns) == [3])
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
    }
  }

  @Test func aCopyUnderAnotherIDIsTheThreadsWhereItsRowNamesIt() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let copy = path.removingLastComponent().appending(
        "rollout-2026-11-20T11-00-00-\(Sample.thread(9)).jsonl")
      try copy.removingLastComponent().put(
        copy.lastComponent?.string ?? "", Sample.talk("one", "two").bytes)
      try turn(scene, to: copy)
      let result = try scene.packup("out")
      #expect(result.packed.map(\.thread) == [thread] && result.packed.first?.turns == 2)
      #expect(result.blocked.isEmpty)
    }
  }

  @Test func aRowThatNamesAnothersFileTakesItFromNobody() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let other = try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      try turn(scene, to: other)
      let result = try scene.packup("out")
      #expect(result.packed.map(\.thread) == [Sample.thread(2)])
      #expect(result.blocked.map(\.thread) == [thread])
    }
  }

  @Test func whatLiesBehindLinksIsPackedAndContinued() throws {
    for level in 2...4 {
      try Scene.play { scene in
        let path = try scene.home.add(Sample.talk("one"))
        let folder = scene.home.root.appending(path.components.suffix(5).prefix(level))
        let disk = scene.root.appending("disk")
        try rename(folder, to: disk)
        try symlink(folder, to: disk.string)
        // Codex writes the path without links into the row when it goes on.
        try turn(scene, to: disk.appending(path.components.suffix(5 - level)))
        #expect(try scene.packup("out").packed.map(\.thread) == [thread])
        let longer = try scene.sync(scene.package("longer", Sample.talk("one", "two"))).plan
        let warnings = longer.entry(thread)?.warnings ?? []
        #expect(longer.actions == [.append] && warnings.allSatisfy { $0.code == .cwdMissing }, "\(warnings)")
        #expect(try scene.packup("again").packed.map(\.turns) == [2])
        #expect(try health(scene).isSound)
        try scene.rollback()
        #expect(try scene.packup("undone").packed.map(\.turns) == [1])
      }
    }
  }

  @Test func aFileBehindALinkOfItsOwnIsReadAndNotWritten() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let disk = scene.root.appending("disk").appending(path.components.suffix(1))
      try Folder.create(disk.removingLastComponent())
      try rename(path, to: disk)
      try symlink(path, to: disk.string)
      #expect(try scene.packup("out").packed.map(\.turns) == [1])
      let plan = try scene.sync(scene.package("longer", Sample.talk("one", "two"))).plan
      #expect(plan.sessions[0].blockers.map(\.code) == [.foreignFile])
    }
  }

  @Test func aHomeBehindALinkIsOneHome() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let real = scene.root.appending("real")
      try rename(scene.home.root, to: real)
      try symlink(scene.home.root, to: real.string)
      try turn(scene, to: real.appending(path.components.suffix(5)))
      #expect(try scene.packup("out").packed.first?.warnings.isEmpty == true)
      let plan = try scene.sync(scene.package("longer", Sample.talk("one", "two"))).plan
      #expect(plan.actions == [.append])
      #expect(try health(scene).isSound)
    }
  }

  @Test func foldersThatLeadInACircleAreLookedIntoOnce() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try symlink(path.removingLastComponent().appending("loop"), to: "../..")
      try symlink(
        scene.home.root.appending("sessions").appending("1999"), to: path.removingLastComponent().string)
      let result = try scene.packup("out")
      #expect(result.packed.map(\.thread) == [thread] && result.homeWarnings.isEmpty)
      #expect(result.packed.first?.warnings.isEmpty == true)
    }
  }

  @Test func aSecondFileOfARolloutIsNamedAndNotUsed() throws {
    try Scene.play { scene in
      let base = Sample.talk("one", "two")
      var fork = base.continued(as: Sample.thread(2))
      fork.turn("in the fork")
      let old = try scene.home.add(base)
      let used = scene.home.root.appending("sessions/2027/01/01").appending(old.components.suffix(1))
      try move(scene, old, to: used)
      try old.removingLastComponent().put(old.lastComponent?.string ?? "", Sample.talk("one").bytes)
      try scene.home.add(fork)
      let result = try scene.packup("out")
      #expect(result.blocked.isEmpty && result.packed.map(\.turns) == [2, 3])
      #expect(result.packed.first?.warnings == [.init(.otherCopy, old.string)])
      let report = try health(scene)
      #expect(report.isSound && report.findings(of: .filesAreUnique).count == 1)
    }
  }

  @Test func filesThatCodexTakesForNoneAreNamedOnce() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let day = path.removingLastComponent()
      let names = [
        "rollout-2025-05-01-\(Sample.thread(3)).json", "\(Sample.thread(4)).jsonl",
        "\(path.stem ?? "").sync-conflict-20261130-100000-ABCDEFG.jsonl",
      ]
      for name in names + [".DS_Store", "._\(names[1])", "notes.txt"] { try day.put(name, "") }
      let result = try scene.packup("out")
      #expect(Set(result.homeWarnings.map(\.path)) == Set(names.map { day.appending($0) }))
      #expect(result.homeWarnings.allSatisfy { $0.code == .notATranscript } && result.blocked.isEmpty)
    }
  }

  @Test func theDatabasesAndTheNamesMayBeLinks() throws {
    try Scene.play { scene in
      try scene.home.add(ThreadSample(Sample.talk("one", format: .legacy)))
      let disk = scene.root.appending("disk")
      try Folder.create(disk)
      try scene.home.root.put("session_index.jsonl", "")
      for name in ["state_5.sqlite", "thread_history_1.sqlite", "session_index.jsonl"] {
        try rename(scene.home.root.appending(name), to: disk.appending(name))
        try symlink(scene.home.root.appending(name), to: disk.appending(name).string)
      }
      var renamed = ThreadSample(Sample.talk("one", "two", format: .legacy))
      renamed.columns = [("title", "Named")]
      try scene.sync(scene.package("longer", renamed))
      #expect(try scene.home.row(thread)?["title"] == "Named")
      let index = disk.appending("session_index.jsonl")
      #expect(try SessionIndex(readingFrom: index).rows[thread]?["thread_name"] == "Named")
      for name in ["state_5.sqlite", "session_index.jsonl"] {
        #expect(try FileStamp.of(scene.home.root.appending(name))?.kind == .symbolicLink)
      }
      try scene.rollback()
      #expect(try scene.home.row(thread)?["title"] == "one")
    }
  }
}
