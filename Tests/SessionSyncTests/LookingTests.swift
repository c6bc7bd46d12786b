import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// No dry run and no command that only reads writes a byte, beside a log that a killed Codex left, too.
struct LookingTests {
  /// What only looks.
  enum Look: String, CaseIterable {
    case inspect, rollback, rollbackAll, adopt, gc, prune, rebuild, replay, recover, health, log, list, show
  }

  /// Each file of the home, our own folder and SQLite's side files included.
  private func everything(_ folder: FilePath) throws -> [String: FileStamp] {
    var found: [String: FileStamp] = [:]
    for name in try Folder.names(in: folder) {
      let path = folder.appending(name)
      guard let stamp = try FileStamp.of(path) else { continue }
      found[path.string] = stamp
      if stamp.kind == .folder { found.merge(try everything(path)) { first, _ in first } }
    }
    return found
  }

  private func take(_ look: Look, _ scene: Scene, _ package: FilePath) throws {
    let (home, surroundings) = (try scene.home.open(), try scene.surroundings)
    let log = TransactionLog(home: home)
    switch look {
    case .inspect: #expect(try !scene.plan(package).isEmpty)
    case .rollback:
      #expect(try !Rollback(home: home, surroundings: surroundings).plan(.latest).isEmpty)
    case .rollbackAll:
      var options = Rollback.Options()
      (options.cascades, options.keepsLocalWork) = (true, true)
      _ = try Rollback(home: home, options: options, surroundings: surroundings).plan(.latest)
    case .adopt:
      _ = try Adopt(home: home, threads: [Sample.thread(2)], surroundings: surroundings).plan()
    case .gc: _ = try Forgetting(home: home, before: surroundings.now).plan()
    case .prune: _ = try MappingPruning(home: home, surroundings: surroundings).plan()
    case .rebuild: _ = try SidecarRebuild(home: home, surroundings: surroundings).plan()
    case .replay: _ = try TransactionReplay(home: home, surroundings: surroundings).plan()
    case .recover: #expect(try Recover(home: home).run().isEmpty)
    case .health: _ = try SidecarHealth(home: home, surroundings: surroundings).report()
    case .log: #expect(try !LineageLog(home: home, surroundings: surroundings).lineages(all: true).isEmpty)
    case .list: #expect(try !log.list().isEmpty)
    case .show: _ = try log.show(try #require(try log.list().first?.id))
    }
  }

  @Test(arguments: Look.allCases, ["wal", "delete"])
  func lookingWritesNothing(_ look: Look, _ journal: String) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("b", "mine", thread: Sample.thread(2)))
      try scene.sync(
        try scene.package("p", Sample.talk("one"), Sample.talk("b", "theirs", thread: Sample.thread(2))))
      let next = try scene.package("n", Sample.talk("one", "two"), Sample.talk("c", thread: Sample.thread(3)))
      for name in ["state_5.sqlite", "thread_history_1.sqlite"] {
        try scene.home.leaveUnfinished(journal, name)
      }
      let before = try everything(scene.home.root)
      #expect(before.keys.contains { $0.hasSuffix(journal == "wal" ? "sqlite-wal" : "sqlite-journal") })
      try take(look, scene, next)
      #expect(try everything(scene.home.root) == before)
    }
  }

  /// What stands in the log only is part of the catalogue.
  @Test func whatAKilledCodexLeftInItsLogCounts() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.home.leaveUnfinished("wal", "state_5.sqlite")
      let undone = try Rollback(home: try scene.home.open(), surroundings: try scene.surroundings).plan(
        .latest)
      #expect(undone.effects.contains { $0.row != nil && $0.action == .undone })
    }
  }
}
