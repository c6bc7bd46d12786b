import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

/// What recovery does where somebody worked on after the crash.
struct ContinuedWorkTests {
  private let more = Array("more\n".utf8)

  @Test(arguments: [
    (6, "sessions/grown.jsonl", "one\ntwo\n" + Scene.tail),
    (7, "archive/grown.jsonl", "one\ntwo\n" + Scene.tail),
    (5, "sessions/packed.jsonl", "one\ntwo\n" + Scene.tail), (3, "sessions/packed.jsonl", "one\ntwo\n"),
    (2, "sessions/new/new.jsonl", "new\n"),
  ])
  func aFileThatWasContinuedIsKept(_ count: Int, _ file: String, _ text: String) throws {
    try Scene.with { scene in
      try scene.crash(after: count)
      try scene.home.append(more, to: file)
      #expect(try scene.recover() == [.kept])
      #expect(try scene.home.appending(file).text() == text + "more\n")
      #expect(try scene.status() == .abandoned)
      #expect(try scene.recover().isEmpty)
    }
  }

  @Test func whatElseTheTransactionDidIsUndone() throws {
    try Scene.with { scene in
      try scene.crash(after: Scene.fileOperations, rows: true)
      try scene.home.append(more, to: "archive/grown.jsonl")
      #expect(try scene.recover() == [.kept])
      #expect(try scene.home.appending("index.jsonl").text() == "line a\n")
      #expect(try scene.home.appending("sessions/cut.jsonl").text() == "one\ntwo\nthree\n")
      #expect(try FileStamp.of(scene.home.appending("sessions/new")) == nil)
    }
  }

  /// The original was in the journal only, and was thrown away with the rest of the staged content.
  @Test func aTakenFileWhoseNameIsInUseAgainStaysInTheJournal() throws {
    try Scene.with { scene in
      let operations = try scene.crash(after: 4)
      try scene.home.put("sessions/packed.jsonl.zst", "somebody's")
      _ = try scene.recover()
      #expect(try scene.home.appending("sessions/packed.jsonl.zst").text() == "somebody's")
      let (_, taken) = try #require(scene.names(of: operations[3]))
      #expect(try taken.text() == "packed")
    }
  }

  @Test func bytesThatWereCutOffAFileThatIsAnotherNowStayInTheJournal() throws {
    try Scene.with { scene in
      let operations = try scene.crash(after: 8)
      try scene.home.put("sessions/cut.jsonl", "quite another file")
      _ = try scene.recover()
      #expect(try scene.home.appending("sessions/cut.jsonl").text() == "quite another file")
      guard case .cut(_, let extent) = operations[7] else { return }
      #expect(try scene.folder.appending(extent.content.name).text() == "three\n")
    }
  }

  @Test(arguments: ["sessions/new/new.jsonl", "sessions/packed.jsonl", "archive/grown.jsonl"])
  func aFileOfSomebodysInAPlaceThatWasNotReachedStays(_ target: String) throws {
    try Scene.with { scene in
      try scene.crash(after: 1)
      try scene.home.put(target, "somebody's")
      _ = try scene.recover()
      #expect(try scene.home.appending(target).text() == "somebody's")
    }
  }

  /// Equal content does not make it ours: the staged file was never moved.
  @Test func anEqualFileOfSomebodysInAPlaceThatWasNotReachedStays() throws {
    try Scene.with { scene in
      try scene.crash(after: 2)
      try scene.home.put("sessions/packed.jsonl", "one\ntwo\n")
      #expect(try scene.recover() == [.undone])
      #expect(try scene.home.appending("sessions/packed.jsonl").text() == "one\ntwo\n")
    }
  }

  @Test func aFolderInAFilesPlaceIsNotTakenForTheFile() throws {
    try Scene.with { scene in
      try scene.crash(after: 1)
      _ = try scene.home.made("sessions/new/new.jsonl")
      _ = try scene.recover()
      #expect(try scene.status() == .abandoned)
    }
  }

  @Test func aRowThatSomebodyChangedStays() throws {
    try Scene.with { scene in
      try scene.crash(after: 5, rows: true)
      scene.rows.rows[["id": "old"]] = ["title": "by hand"]
      #expect(try scene.recover() == [.undone])
      #expect(scene.rows.rows == [["id": "old"]: ["title": "by hand"]])
    }
  }

  @Test func aFolderThatSomebodyUsesStays() throws {
    try Scene.with { scene in
      try scene.crash(after: 2)
      try scene.home.put("sessions/new/theirs", "theirs")
      #expect(try scene.recover() == [.undone])
      #expect(try Folder.names(in: scene.home.appending("sessions/new")) == ["theirs"])
    }
  }

  /// Undoing with a branch for the work: the branch was taken away, and the cut could not be.
  @Test func theBranchStaysWhereTheCutThreadWentOnAfterTheCrash() throws {
    try Scene.with { scene in
      try scene.crash(after: 8, rows: true)
      try scene.home.append(Array("opened\n".utf8), to: "sessions/cut.jsonl")
      #expect(try scene.recover() == [.kept])
      #expect(try scene.home.appending("sessions/new/new.jsonl").text() == "new\n")
      #expect(scene.rows.rows[["id": "new"]] == ["title": "new"])
      #expect(try scene.home.appending("sessions/cut.jsonl").text() == "one\ntwo\nopened\n")
    }
  }

  /// Cutting a base back, or taking it away, cuts the fork in silence.
  @Test(arguments: [("sessions/new/new.jsonl", "new\n"), ("archive/grown.jsonl", "one\ntwo\n" + Scene.tail)])
  func recoveryKeepsAThreadThatAForkGoesOnFrom(_ file: String, _ text: String) throws {
    try Scene.with { scene in
      var scene = scene
      scene.threads.bases[scene.home.pushing(FilePath(file))] = 4 + (file.hasPrefix("archive") ? 8 : 0)
      try scene.crash(after: Scene.fileOperations)
      #expect(try scene.recover() == [.kept])
      #expect(try scene.home.pushing(FilePath(file)).text() == text)
      #expect(try scene.home.appending("sessions/packed.jsonl.zst").text() == "packed")
    }
  }

  @Test func aRowKeepsNamingTheFileThatStayed() throws {
    try Scene.with { scene in
      try scene.crash(after: Scene.fileOperations, rows: true)
      try scene.home.append(more, to: "sessions/new/new.jsonl")
      #expect(try scene.recover() == [.kept])
      #expect(scene.rows.rows == [["id": "new"]: ["title": "new"], ["id": "old"]: ["title": "before"]])
    }
  }

  /// A file that cannot be read may be a fork of anything, but hardly of a torn record.
  @Test func aTornTailIsTakenBackWhateverCannotBeRead() throws {
    try Scene.with { scene in
      var scene = scene
      scene.threads.isInTheDark = true
      let grown = scene.home.appending("sessions/grown.jsonl")
      try scene.crash(after: 6)
      try DurableFile.cut(grown, to: 12)
      _ = try scene.recover()
      #expect(try grown.text() == "one\ntwo\n")
    }
  }

  /// Killed before the time was set, or inside of a later record.
  @Test(arguments: [14, 19])
  func aTailThatAForkGoesOnFromIsKeptHoweverFarItCame(_ length: Int64) throws {
    try Scene.with { scene in
      var scene = scene
      let grown = scene.home.appending("sessions/grown.jsonl")
      scene.threads.bases[grown] = 14
      try scene.crash(after: 6)
      try DurableFile.cut(grown, to: length, modified: Scene.old)
      #expect(try scene.recover() == [.kept])
      #expect(try grown.text().utf8.count == length)
    }
  }

  /// Expanding a compressed file writes nothing that its forks do not go on from anyway.
  @Test(arguments: [3, 4, 5])
  func anExpandedRolloutWithAnOlderForkIsUndone(_ count: Int) throws {
    try Scene.with { scene in
      var scene = scene
      let before = try scene.state()
      scene.threads.bases[scene.home.appending("sessions/packed.jsonl")] = 8
      try scene.crash(after: count)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  /// The thread was said to be somebody's, and the move before was not taken back.
  @Test func anAppendBehindACutThatWasNotReachedKeepsNothing() throws {
    try Scene.with { scene in
      var pending = try scene.journal.begin(scene.transaction)
      try scene.home.put("archive/cut.jsonl", "one\ntwo\nthree\n", modified: Scene.new)
      try DurableFile.remove(scene.home.appending("sessions/cut.jsonl"))
      let before = try scene.state()
      let path = scene.home.appending("sessions/cut.jsonl")
      let operations: [Operation] = [
        .moveFile(scene.home.appending("archive/cut.jsonl"), to: path),
        .cut(path, try scene.extent(8, "three\n", &pending)),
        .append(path, try scene.extent(8, "other\n", &pending)),
      ]
      try scene.crash(operations, after: 1)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test func aThreadThatStaysGetsItsRow() throws {
    try Scene.with { scene in
      try scene.crash(after: Scene.fileOperations)
      try scene.home.append(more, to: "sessions/new/new.jsonl")
      #expect(try scene.recover() == [.kept])
      #expect(scene.rows.rows[["id": "new"]] == ["title": "new"])
    }
  }

  @Test func aKeptRecoveryLeavesNoStagedContent() throws {
    try Scene.with { scene in
      let operations = try scene.crash(after: 2)
      try scene.home.append(more, to: "sessions/new/new.jsonl")
      #expect(try scene.recover() == [.kept])
      let kept = Set(operations.compactMap(\.keptContent?.name))
      #expect(
        try Folder.names(in: scene.folder).allSatisfy { !$0.hasPrefix("content-") || kept.contains($0) })
    }
  }
}
