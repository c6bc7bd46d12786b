import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

/// Steps that fail: found by the fault matrix, which lets every call fail (`make crash`).
struct FailureTests {
  /// Nothing can be written in place of a file while a folder lies where its successor is prepared.
  private func obstacle(for file: String, _ scene: Scene) -> FilePath {
    scene.folder.appending(".\(file).new").appending("in the way")
  }

  @Test func aCommitThatCannotBeRecordedTakesEverythingBack() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      let before = try scene.state()
      let obstacle = obstacle(for: "manifest.json", scene)
      var times = 0
      scene.rows.disturbance = {
        times += 1
        if times == 1 { _ = try? Folder.create(obstacle) }
        if times == 2 { try? Folder.removeTree(obstacle.removingLastComponent()) }
      }
      #expect(throws: JournalError.self) { try pending.run(scene.rows) }
      #expect(try scene.state() == before && scene.status() == .abandoned)
      #expect(try scene.journal.litter(scene.journal.survey()).isEmpty)
    }
  }

  @Test func aTimeThatCannotBeSetStopsNothing() throws {
    try Scene.with { scene in
      var pending = try scene.journal.begin(scene.transaction)
      var writer = try pending.content()
      try writer.write(Array("three\n".utf8))
      let impossible = FileTime(seconds: 0, nanoseconds: 2_000_000_000)
      let extent = Operation.Extent(
        start: 8, content: try writer.finish(), modifiedWithout: impossible, modifiedWith: Scene.new)
      pending.add(.cut(scene.home.appending("sessions/cut.jsonl"), extent))
      try pending.run(scene.rows)
      #expect(try scene.status() == .committed)
      let cut = Operation.cut(scene.home.appending("sessions/cut.jsonl"), extent)
      #expect(try scene.journal.effect(of: cut, in: scene.transaction.id) == .present)
    }
  }

  @Test func whatCannotBeTakenBackIsSaidToNeedRecovery() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      let before = try scene.state()
      let obstacle = obstacle(for: "manifest.json", scene)
      scene.rows.disturbance = { _ = try? Folder.create(obstacle) }
      let error = #expect(throws: JournalError.self) { try pending.run(scene.rows) }
      guard case .unsettled(scene.transaction.id, .file) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      scene.rows.disturbance = {}
      try Folder.removeTree(obstacle.removingLastComponent())
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test func anIntentThatCannotBeWrittenLeavesNoFolder() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      let before = try scene.state()
      try Folder.create(obstacle(for: "operations.jsonl", scene))
      #expect(throws: JournalError.self) { try pending.run(scene.rows) }
      #expect(try scene.state() == before && Folder.names(in: scene.journal.root).isEmpty)
    }
  }

  @Test func whatIsCommittedDoesNotFailForContentThatCannotBeRemoved() throws {
    try Scene.with { scene in
      var (pending, operations) = try scene.pending()
      let extents = operations.compactMap { if case .append(_, let extent) = $0 { extent } else { nil } }
      let content = scene.folder.appending(try #require(extents.first).content.name)
      scene.rows.disturbance = {
        try? DurableFile.remove(content)
        _ = try? Folder.create(content.appending("in the way"))
      }
      try pending.run(scene.rows)
      #expect(try scene.status() == .committed)
    }
  }

  /// Taking back asked nothing, and cut off what had been appended meanwhile by somebody without locks.
  @Test(arguments: [
    ("archive/grown.jsonl", "sessions/grown.jsonl", "one\ntwo\n" + Scene.tail),
    ("sessions/new/new.jsonl", "sessions/new/new.jsonl", "new\n"),
  ])
  func whatSomebodyAppendedSurvivesTheTakingBack(_ file: String, _ place: String, _ text: String) throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      scene.rows.refusesRows = true
      scene.rows.disturbance = {
        scene.rows.disturbance = {}
        try? scene.home.append(Array("a turn\n".utf8), to: file)
      }
      let path = scene.home.pushing(FilePath(place))
      #expect(throws: JournalError.unsettled(scene.transaction.id, .conflict(path))) {
        try pending.run(scene.rows)
      }
      #expect(try path.text() == text + "a turn\n")
      #expect(try scene.home.appending("index.jsonl").text() == "line a\n")
      scene.rows.refusesRows = false
      #expect(try scene.recover() == [.kept])
      #expect(try path.text() == text + "a turn\n")
    }
  }

  @Test func aFileThatGrewBeforeItWasTakenIsAConflict() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      try scene.home.append(Array(" and a turn".utf8), to: "sessions/packed.jsonl.zst")
      let before = try scene.state()
      let path = scene.home.appending("sessions/packed.jsonl.zst")
      #expect(throws: JournalError.conflict(path)) { try pending.run(scene.rows) }
      #expect(try scene.state() == before && scene.status() == .abandoned)
    }
  }

  /// One row that somebody changed kept all the others from being taken back.
  @Test func aRowThatSomebodyChangedDoesNotKeepTheOthers() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      let obstacle = obstacle(for: "manifest.json", scene)
      var times = 0
      scene.rows.disturbance = {
        times += 1
        if times == 1 { _ = try? Folder.create(obstacle) }
        if times == 2 { try? Folder.removeTree(obstacle.removingLastComponent()) }
      }
      scene.rows.afterwards = { scene.rows.rows[["id": "old"]] = ["title": "by hand"] }
      #expect(throws: JournalError.self) { try pending.run(scene.rows) }
      #expect(scene.rows.rows == [["id": "old"]: ["title": "by hand"]])
    }
  }
}
