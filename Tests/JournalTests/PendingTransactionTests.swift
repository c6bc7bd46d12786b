import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

struct PendingTransactionTests {
  @Test func aTransactionIsCarriedOutInFull() throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      try pending.run(scene.rows)
      let sessions = scene.home.appending("sessions")
      #expect(try scene.status() == .committed)
      #expect(try sessions.appending("new/new.jsonl").text() == "new\n")
      #expect(try sessions.appending("packed.jsonl").text() == "one\ntwo\n" + Scene.tail)
      #expect(try FileStamp.of(sessions.appending("packed.jsonl.zst")) == nil)
      #expect(try FileStamp.of(sessions.appending("grown.jsonl")) == nil)
      let moved = scene.home.appending("archive/grown.jsonl")
      #expect(try moved.text() == "one\ntwo\n" + Scene.tail)
      #expect(try FileStamp.of(moved)?.modified == Scene.new)
      let cut = sessions.appending("cut.jsonl")
      #expect(try cut.text() == "one\ntwo\n")
      #expect(try FileStamp.of(cut)?.modified == Scene.old)
      #expect(try scene.home.appending("index.jsonl").text() == "line b\n")
      #expect(try FileStamp.of(scene.home.appending("empty")) == nil)
      #expect(scene.rows.rows == [["id": "old"]: ["title": "after"], ["id": "new"]: ["title": "new"]])
      #expect(scene.rows.forgotten == ["a rollout"])
    }
  }

  /// Recovery asked the row whether the first change was there, and saw the second.
  @Test func aRowIsChangedOnce() throws {
    let key: JSONValue = ["id": "a"]
    func change(_ before: JSONValue?, _ after: JSONValue?) -> RowChange {
      RowChange(table: "threads", key: key, before: before, after: after)
    }
    let made = change(nil, ["id": "a", "x": 1, "y": 1])
    let updated = change(["x": 1], ["x": 2])
    let other = change(["y": 1], ["y": 2])
    let gone = change(["id": "a", "x": 2, "y": 1], nil)
    #expect(made.followed(by: updated) == change(nil, ["id": "a", "x": 2, "y": 1]))
    #expect(updated.followed(by: other) == change(["y": 1, "x": 1], ["x": 2, "y": 2]))
    #expect(updated.followed(by: gone) == change(["id": "a", "x": 1, "y": 1], nil))
    #expect(gone.followed(by: made) == change(["id": "a", "x": 2, "y": 1], ["id": "a", "x": 1, "y": 1]))
    #expect(made.followed(by: updated).followed(by: gone).isEmpty)
    #expect(updated.followed(by: updated.inverse).isEmpty)
    try Scene.with { scene in
      var (pending, operations) = try scene.pending()
      let rows = operations.compactMap(\.row)
      pending.add(
        .row(
          RowChange(
            table: "threads", key: ["id": "old"], before: ["title": "after"], after: ["title": "last"])))
      try pending.run(scene.rows)
      let written = try scene.journal.operations(of: scene.transaction.id).compactMap(\.row)
      #expect(written.count == rows.count && scene.rows.rows[["id": "old"]] == ["title": "last"])
    }
  }

  @Test func anAppendKeepsTheInode() throws {
    try Scene.with { scene in
      let before = try FileStamp.of(scene.home.appending("sessions/grown.jsonl"))?.inode
      var pending = try scene.pending().transaction
      try pending.run(scene.rows)
      #expect(try FileStamp.of(scene.home.appending("archive/grown.jsonl"))?.inode == before)
    }
  }

  @Test func onlyWhatARollbackNeedsStaysInTheJournal() throws {
    try Scene.with { scene in
      let (transaction, operations) = try scene.pending()
      var pending = transaction
      try pending.run(scene.rows)
      #expect(try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"])
      let texts = try Folder.names(in: scene.journal.kept).map { try scene.journal.kept.appending($0).text() }
      #expect(Set(texts) == ["packed", "three\n"])
      #expect(try scene.journal.operations(of: scene.transaction.id) == operations)
    }
  }

  @Test func rowsThatAreRefusedLeaveAllAsBefore() throws {
    try expectNothingChanged { $0.rows.refusesRows = true }
  }

  @Test func rowsThatAreThereAlthoughTheDatabaseFailedAreTakenBack() throws {
    try expectNothingChanged { $0.rows.failsAfterChanging = true }
  }

  @Test func derivedRowsThatCannotBeForgottenLeaveAllAsBefore() throws {
    try expectNothingChanged { $0.rows.refusesToForget = true }
  }

  @Test(arguments: ["sessions/new/new.jsonl", "sessions/packed.jsonl", "archive/grown.jsonl"])
  func aTargetThatExistsLeavesAllAsBefore(_ target: String) throws {
    try expectNothingChanged { try $0.home.put(target, "somebody's") }
  }

  @Test func aTargetThatExistsWithTheSameContentIsSomebodys() throws {
    try expectNothingChanged { try $0.home.put("sessions/packed.jsonl", "one\ntwo\n") }
  }

  @Test(arguments: ["sessions/grown.jsonl", "sessions/cut.jsonl"])
  func aFileThatGrewMeanwhileLeavesAllAsBefore(_ file: String) throws {
    try expectNothingChanged { scene in
      let path = scene.home.appending(file)
      try scene.home.put(file, try path.text() + "more\n", modified: Scene.old)
    }
  }

  @Test func aFileThatIsGoneLeavesAllAsBefore() throws {
    try expectNothingChanged { try DurableFile.remove($0.home.appending("sessions/cut.jsonl")) }
  }

  private func expectNothingChanged(
    _ location: SourceLocation = #_sourceLocation, _ disturb: (Scene) throws -> Void
  ) throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      try disturb(scene)
      let before = try scene.state()
      #expect(throws: JournalError.self, sourceLocation: location) { try pending.run(scene.rows) }
      #expect(try scene.state() == before, sourceLocation: location)
      #expect(try scene.status() == .abandoned, sourceLocation: location)
      #expect(
        try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"], sourceLocation: location)
      #expect(try scene.recover().isEmpty, sourceLocation: location)
    }
  }

  @Test func aTransactionGivenUpLeavesNoFolder() throws {
    try Scene.with { scene in
      try scene.pending().transaction.abandon()
      #expect(try Folder.names(in: scene.journal.root).isEmpty)
    }
  }

  @Test func foldersAreListedOnceAndOutermostFirst() throws {
    try Scene.with { scene in
      var pending = try scene.journal.begin(scene.transaction)
      let day = scene.home.appending("sessions/2026/11")
      try pending.addFolders(for: day.appending("22"))
      try pending.addFolders(for: day.appending("23"))
      try pending.addFolders(for: scene.home)
      try pending.run(scene.rows)
      let folders = [day.removingLastComponent(), day, day.appending("22"), day.appending("23")]
      #expect(
        try scene.journal.operations(of: scene.transaction.id) == folders.map { Operation.makeFolder($0) })
      #expect(try FileStamp.of(day.appending("23"))?.kind == .folder)
    }
  }
}
