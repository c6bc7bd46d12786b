import CodexHome
import DurableFiles
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// A home that was restored from a backup: Codex's part, this program's, or both.
struct RestoreTests {
  private let thread = Sample.thread(1)
  private let later = Sample.thread(2)

  /// Copies a folder over another, which is removed first; only what `isWanted`.
  private func copy(_ from: FilePath, to: FilePath, _ isWanted: (String) -> Bool) throws {
    for name in try Folder.names(in: to) where isWanted(name) { try Folder.removeTree(to.appending(name)) }
    for name in try Folder.names(in: from) where isWanted(name) {
      try copyTree(from.appending(name), to: to.appending(name))
    }
  }

  private func copyTree(_ from: FilePath, to: FilePath) throws {
    let stamp = try #require(try FileStamp.of(from))
    guard stamp.kind == .folder else {
      try to.removingLastComponent().put(
        to.lastComponent?.string ?? "", try FileReading.bytes(of: from), modified: stamp.modified)
      return
    }
    try Folder.create(to)
    for name in try Folder.names(in: from) { try copyTree(from.appending(name), to: to.appending(name)) }
  }

  private func health(_ scene: Scene) throws -> HealthReport {
    try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
  }

  /// What a backup brings back.
  enum Part: CaseIterable {
    case codex, own, all

    func has(_ name: String) -> Bool { self == .all || (self == .own) == (name == "session-sync") }
  }

  /// Packs a machine that has these conversations.
  private func package(_ scene: Scene, _ name: String, _ talks: TranscriptBuilder...) throws -> FilePath {
    let away = try HomeBuilder(scene.root.appending("away-\(name)"))
    try away.root.put("session-sync/origin", "\(Sample.thread(8))\n")
    for talk in talks { try away.add(talk) }
    let package = scene.root.appending(name)
    _ = try Packup(home: try away.open(), options: .init(.all), surroundings: try scene.surroundings)
      .write(to: package)
    return package
  }

  /// A home with one delivery, backed up, that then got another: a fast-forward and a second thread.
  private func restored(_ part: Part, _ body: (Scene, FilePath) throws -> Void) throws {
    try Scene.play { scene in
      try scene.sync(try package(scene, "first", Sample.talk("one")))
      let backup = scene.root.appending("backup")
      try Folder.create(backup)
      try copy(scene.home.root, to: backup) { _ in true }
      let second = try package(
        scene, "second", Sample.talk("one", "two"), Sample.talk("b", thread: later))
      try scene.sync(second)
      #expect(try health(scene).isSound)
      try copy(backup, to: scene.home.root, part.has)
      try body(scene, second)
    }
  }

  private func expectSecondDelivery(_ scene: Scene, _ second: FilePath) throws {
    let plan = try scene.plan(second)
    #expect(plan.classifications == ["unchanged", "unchanged"] && plan.isEmpty)
    let rows = try scene.home.query("SELECT id FROM threads")
    let files = try scene.home.open().rollouts()
    #expect(files.count == 2 && rows.count == 2)
  }

  @Test func olderThreadsUnderANewerSidecarAreNamedRebuiltAndDeliveredAgain() throws {
    try restored(.codex) { scene, second in
      let report = try health(scene)
      #expect(report.deleted == [later])
      #expect(
        Set(report.findings.map(\.check)) == [
          .effectsAreOnDisk, .historiesOnlyGrow, .basesFitHistories, .mappingsLeadToThreads,
        ])
      // Until then what is missing looks as if it had been deleted here; nothing is lost by that.
      #expect(try scene.plan(second).classifications == ["fast_forward_import", "unchanged"])
      _ = try SidecarRebuild(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
      #expect(try health(scene).findings.allSatisfy { $0.check == .effectsAreOnDisk })
      #expect(try scene.plan(second).classifications == ["fast_forward_import", "new_lineage"])
      try scene.sync(second)
      try expectSecondDelivery(scene, second)
      #expect(try health(scene).isSound)
    }
  }

  @Test func newerThreadsOverAnOlderSidecarAreThereAndNothingComesTwice() throws {
    try restored(.own) { scene, second in
      #expect(try health(scene).isSound)
      try expectSecondDelivery(scene, second)
      let third = try package(
        scene, "third", Sample.talk("one", "two", "three"), Sample.talk("b", "c", thread: later))
      #expect(try scene.sync(third).plan.classifications == ["fast_forward_import", "fast_forward_import"])
      #expect(try health(scene).isSound)
      #expect(try scene.plan(third).isEmpty)
    }
  }

  @Test func aHomeThatWentBackAsAWholeIsAsItWas() throws {
    try restored(.all) { scene, second in
      #expect(try health(scene).isSound)
      #expect(try scene.sync(second).plan.classifications == ["fast_forward_import", "new_lineage"])
      try expectSecondDelivery(scene, second)
    }
  }

  @Test func aSessionThatMapsToAnEarlierThreadAgainIsNoDisagreement() throws {
    try Scene.play { scene in
      try scene.sync(try package(scene, "first", Sample.talk("one")))
      let path = try #require(try scene.file(thread))
      var mine = TranscriptBuilder(thread, firstOrdinal: 100, seconds: 900)
      mine.lines = []
      mine.hasBegun()
      mine.turn("mine")
      try DurableFile.replace(path, with: try FileReading.bytes(of: path) + mine.bytes)
      let backup = scene.root.appending("backup")
      try Folder.create(backup)
      try copy(scene.home.root, to: backup) { _ in true }
      let second = try scene.sync(try package(scene, "second", Sample.talk("one", "two")))
      #expect(second.plan.actions == [.branch])
      try copy(backup, to: scene.home.root, Part.codex.has)
      _ = try SidecarRebuild(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
      #expect(try health(scene).findings.isEmpty, "what was accepted as gone is no finding")
    }
  }
}
