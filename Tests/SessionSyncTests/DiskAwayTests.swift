import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Homes of which a part is not there just now, or cannot be looked into.
struct DiskAwayTests {
  private let thread = Sample.thread(1)

  /// Runs `body` while what lies at a path of the home is on a disk that is away.
  private func away(_ scene: Scene, _ path: FilePath, _ body: (FilePath) throws -> Void) throws {
    let disk = scene.root.appending("disk")
    try rename(path, to: disk)
    try symlink(path, to: disk.string)
    let elsewhere = scene.root.appending("unplugged")
    try rename(disk, to: elsewhere)
    try body(path)
    try rename(elsewhere, to: disk)
  }

  @Test(arguments: [
    "sessions", "sessions/2026", "sessions/2026/11/20", "archived_sessions", "config.toml", "state_5.sqlite",
    "session-sync",
  ])
  func nothingIsWrittenWhileADiskIsAwayAndNothingCountsAsDeleted(_ part: String) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(ThreadSample(Sample.talk("b", thread: Sample.thread(2)), isArchived: true))
      let other = try scene.package("other", Sample.talk("c", thread: Sample.thread(3)))
      try scene.sync(other)
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", thread: Sample.thread(2)),
        Sample.talk("d", thread: Sample.thread(4)))
      try away(scene, scene.home.root.pushing(FilePath(part))) { path in
        let expected = SyncError.home(.away([path]))
        #expect(throws: expected) { try scene.plan(package) }
        #expect(throws: expected) { try scene.sync(package) }
        #expect(throws: expected) { try scene.rollback() }
        let surroundings = try scene.surroundings
        let home = try scene.home.open()
        #expect(throws: expected) {
          try SidecarRebuild(home: home, surroundings: surroundings).execute()
        }
        #expect(throws: expected) {
          try Adopt(home: home, threads: [], surroundings: surroundings).execute()
        }
        #expect(throws: expected) {
          try MappingPruning(home: home, surroundings: surroundings).execute()
        }
      }
      #expect(try scene.transactions().count == 1)
      let plan = try scene.sync(package).plan
      #expect(plan.classifications == ["fast_forward_import", "unchanged", "new_lineage"])
    }
  }

  @Test(arguments: ["sessions", "archived_sessions", "sessions/2026", "sessions/2026/11"])
  func anEmptyFolderThatRowsNameFilesInIsAMountPoint(_ part: String) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(ThreadSample(Sample.talk("b", thread: Sample.thread(2)), isArchived: true))
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", "c", thread: Sample.thread(2)))
      let folder = scene.home.root.pushing(FilePath(part))
      let disk = scene.root.appending("disk")
      try rename(folder, to: disk)
      try Folder.create(folder)
      #expect(throws: SyncError.home(.away([folder]))) { try scene.sync(package) }
      #expect(try Folder.names(in: folder).isEmpty)
      try Folder.removeIfEmpty(folder)
      try rename(disk, to: folder)
      #expect(try scene.sync(package).plan.actions == [.append, .append])
    }
  }

  @Test func whatIsThereIsPackedAndTheDiskIsNamed() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(ThreadSample(Sample.talk("b", thread: Sample.thread(2)), isArchived: true))
      try away(scene, scene.home.root.appending("archived_sessions")) { path in
        let result = try scene.packup("out")
        #expect(result.packed.map(\.thread) == [thread])
        #expect(result.blocked.map(\.thread) == [Sample.thread(2)])
        #expect(result.homeWarnings == [.init(code: .diskAway, path: path, detail: nil)])
      }
    }
  }

  /// It said that there are no sessions yet.
  @Test(arguments: [true, false])
  func aHomeOfWhichNothingCanBeSeenIsNotOneWithoutThreads(_ hasRow: Bool) throws {
    try Scene.play { scene in
      let path = try scene.home.add(ThreadSample(Sample.talk("one")), hasRow: hasRow)
      let day = path.removingLastComponent()
      try away(scene, scene.home.root.appending("sessions")) { path in
        #expect(throws: SyncError.home(.away([path]))) { try scene.packup("out") }
      }
      try rename(day, to: scene.root.appending("kept"))
      try symlink(day, to: day.string)
      let error = try #require(#expect(throws: SyncError.self) { try scene.packup("out") })
      switch error {
      case .file(let failure): #expect(!hasRow && failure.path == day)
      case .rollout(.file(let failure)): #expect(hasRow && failure.path == path)
      default: throw error
      }
    }
  }

  /// A link in a circle is a folder that nobody can look into, whoever runs the test.
  @Test func aFolderThatCannotBeReadIsNamedAndNothingInItCountsAsAbsent() throws {
    try Scene.play { scene in
      let talk = Sample.talk("one")
      let path = try scene.home.add(talk)
      try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      try scene.home.add(ThreadSample(Sample.talk("d", thread: Sample.thread(4)), isArchived: true))
      // All are noted by this.
      try scene.sync(scene.package("first", Sample.talk("c", thread: Sample.thread(3))))
      let day = path.removingLastComponent()
      let kept = scene.root.appending("kept")
      try rename(day, to: kept)
      try symlink(day, to: day.string)
      try scene.home.execute("DELETE FROM threads WHERE id = ?", [.string(Sample.thread(2).text)])
      let before = try HomeSnapshot(of: scene.home, without: ["sessions"])
      let package = try scene.package(
        "p", Sample.talk("one", "two"), Sample.talk("b", thread: Sample.thread(2)))
      let plan = try scene.sync(package).plan
      #expect(plan.actions == [.blocked, .blocked])
      #expect(plan.homeWarnings.map(\.path) == [day])
      #expect(plan.homeWarnings.map(\.code) == [.folderUnreadable])
      #expect(try HomeSnapshot(of: scene.home, without: ["sessions"]) == before)
      #expect(try scene.packup("out").blocked.map(\.thread).contains(thread))
      let report = try SidecarHealth(home: scene.home.open(), surroundings: scene.surroundings).report()
      #expect(report.deleted.isEmpty && report.findings(of: .foldersCanBeRead).map(\.isExpected) == [true])
      try DurableFile.remove(day)
      try rename(kept, to: day)
      #expect(try scene.sync(package).plan.actions == [.append, .skip])
    }
  }
}
