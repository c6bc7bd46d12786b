import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct RecoveryTests {
  @Test(arguments: 0...Scene.fileOperations)
  func aCrashAfterAnyFileOperationIsUndone(_ count: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      try scene.crash(after: count)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
      #expect(try scene.status() == .abandoned)
      #expect(try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"])
      #expect(try scene.recover().isEmpty)
    }
  }

  @Test(arguments: [Transaction.Status.prepared, .applied])
  func whatIsThereInFullIsCompleted(_ status: Transaction.Status) throws {
    let committed = try Scene.committed()
    try Scene.with { scene in
      let operations = try scene.crash(after: Scene.fileOperations, rows: true, status: status)
      #expect(try scene.recover() == [.completed])
      #expect(try scene.state().relative(to: scene.home) == committed)
      #expect(try scene.status() == .committed)
      #expect(scene.rows.forgotten == ["a rollout"])
      #expect(try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"])
      #expect(
        Set(try Folder.names(in: scene.journal.kept)) == Set(operations.compactMap(\.keptContent?.sha256)))
    }
  }

  /// What was taken out of the home is told by the content in the transaction's folder.
  @Test func aRecoveryThatCouldNotSayItsEndIsFinishedByTheNext() throws {
    let committed = try Scene.committed()
    try Scene.with { scene in
      try scene.crash(after: Scene.fileOperations, rows: true, status: .applied)
      let inTheWay = DurableFile.temporary(for: scene.folder.appending("manifest.json"))
      _ = try inTheWay.put("a/b", "so that nothing can be written here")
      #expect(throws: JournalError.self) { try scene.recover() }
      try Folder.removeTree(inTheWay)
      #expect(try scene.recover() == [.completed])
      #expect(try scene.state().relative(to: scene.home) == committed)
    }
  }

  /// Rows come last, so this is no crash but a file that got lost after it.
  @Test(arguments: 0..<Scene.fileOperations)
  func rowsAreUndoneTooWhereAFileIsNotThere(_ count: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      try scene.crash(after: count, rows: true, status: .applied)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test(arguments: 0..<Scene.tail.utf8.count)
  func aPartialAppendOfAnyLengthIsUndone(_ length: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      try scene.crash(after: 5)
      try scene.home.append(Array(Scene.tail.utf8.prefix(length)), to: "sessions/grown.jsonl")
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  /// To put back the row that an undoing took away there would have to be a catalogue.
  @Test func anUndoingWithoutItsCatalogueCouldNotBeRecovered() throws {
    try Scene.with { scene in
      var operations = try scene.pending().operations
      operations.removeAll { $0.row != nil }
      operations.append(
        .row(RowChange(table: "threads", key: ["id": "old"], before: ["title": "before"], after: nil)))
      let before = try scene.state()
      try scene.crash(operations, after: 5)
      scene.rows.isGone = true
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test func anUndoingThatDidNotGetToTheFilesTimeIsFinished() throws {
    try Scene.with { scene in
      let before = try scene.state()
      try scene.crash(after: 5)
      try DurableFile.cut(scene.home.appending("sessions/grown.jsonl"), to: 8)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test func whatWasNotReachedYetKeepsNothing() throws {
    try Scene.with { scene in
      var pending = try scene.journal.begin(scene.transaction)
      var placed = try pending.content()
      var cut = try pending.content()
      try placed.write(Array("one\ntwo\n".utf8))
      try cut.write(Array("two\n".utf8))
      let (path, target) = (
        scene.home.appending("sessions/new.jsonl"), scene.home.appending("archive/new.jsonl")
      )
      let content = try placed.finish()
      let extent = Operation.Extent(
        start: 4, content: try cut.finish(), modifiedWithout: Scene.old, modifiedWith: Scene.new)
      let taken = Operation.Content(name: pending.reserveName(), sha256: content.sha256, size: 4)
      let operations = [
        Operation.placeFile(path, content), .moveFile(path, to: target), .cut(target, extent),
        .takeFile(target, taken),
      ]
      let lines = operations.map(\.json.bytes).reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
      try DurableFile.replace(scene.folder.appending("operations.jsonl"), with: lines)
      try scene.journal.record(scene.transaction)
      #expect(try scene.recover() == [.undone])
      #expect(try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"])
    }
  }

  @Test(arguments: 0...4)
  func aLineOnItsWayBackThatWasTornIsPutBackWhole(_ length: Int) throws {
    try Scene.with { scene in
      let path = try scene.home.put("lines", "kept\n" + "line".prefix(length))
      _ = try scene.journal.begin(scene.transaction)
      let operations = [
        Operation.dropLine(path, "line b"),
        .moveFile(scene.home.appending("sessions/grown.jsonl"), to: scene.home.appending("grown.jsonl")),
      ]
      let lines = operations.map(\.json.bytes).reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
      try DurableFile.replace(scene.folder.appending("operations.jsonl"), with: lines)
      try scene.journal.record(scene.transaction)
      #expect(try scene.recover() == [.undone])
      #expect(try path.text() == "kept\nline b\n")
    }
  }

  @Test func aFileOnItsWayBackThatWasAppendedToKeepsNothing() throws {
    try Scene.with { scene in
      let operations = try scene.crash(after: 4)
      guard case .takeFile(let path, let content) = operations[3] else { throw Errno.invalidArgument }
      let taken = scene.folder.appending(content.name)
      let result = taken.withPlatformString { from in path.withPlatformString { link(from, $0) } }
      try #require(result == 0)
      try scene.home.append(Array("more".utf8), to: "sessions/packed.jsonl.zst")
      #expect(try scene.recover() == [.undone])
      #expect(try Folder.names(in: scene.folder) == ["manifest.json", "operations.jsonl"])
      #expect(try path.text() == "packedmore")
    }
  }

  @Test func whatACrashBehindTheCommitLeftIsRemoved() throws {
    try Scene.with { scene in
      let (transaction, operations) = try scene.pending()
      var pending = transaction
      let names = try Folder.names(in: scene.folder)
      try pending.run(scene.rows)
      for name in names + [".manifest.json.new"]
      where try FileStamp.of(scene.folder.appending(name)) == nil {
        try scene.folder.put(name, "left")
      }
      try scene.journal.root.put("018bcfe5-6801-7707-8707-070707070708/content-1", "left")
      #expect(try scene.recover().isEmpty)
      let kept = Set(operations.compactMap(\.keptContent?.name)).union(["manifest.json", "operations.jsonl"])
      #expect(Set(try Folder.names(in: scene.folder)).isSubset(of: kept))
      #expect(try Folder.names(in: scene.journal.root) == [scene.transaction.id, "kept", "settled"])
    }
  }

  @Test(arguments: 0...Scene.fileOperations)
  func aCrashOfTheUndoingItselfIsUndone(_ undone: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      let operations = try scene.crash(after: Scene.fileOperations)
      let executor = Executor(folder: scene.folder)
      for operation in operations.prefix(Scene.fileOperations).reversed().prefix(undone) {
        try executor.revert(operation)
      }
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test(arguments: 0..<6)
  func aCutWhoseUndoingWasInterruptedIsUndone(_ length: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      try scene.crash(after: 8)
      try scene.home.append(Array("three\n".utf8.prefix(length)), to: "sessions/cut.jsonl")
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  /// A file is moved by a second name and the removal of the first.
  @Test(arguments: [1, 2, 3, 6])
  func aMoveThatWasInterruptedBetweenItsTwoStepsIsUndone(_ count: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      let operation = try scene.crash(after: count)[count]
      let (from, to) = try #require(scene.names(of: operation))
      #expect(link(from.string, to.string) == 0)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test(arguments: [1, 2, 3, 6])
  func theUndoingOfAMoveThatWasInterruptedBetweenItsTwoStepsIsUndone(_ count: Int) throws {
    try Scene.with { scene in
      let before = try scene.state()
      let operation = try scene.crash(after: count + 1)[count]
      let (from, to) = try #require(scene.names(of: operation))
      #expect(link(to.string, from.string) == 0)
      #expect(try scene.recover() == [.undone])
      #expect(try scene.state() == before)
    }
  }

  @Test func severalTransactionsAreSettledNewestFirst() throws {
    try Scene.with { scene in
      for id in ["1", "2"] {
        let open = Transaction(id: id, createdAt: "", command: "sync", planDigest: nil, details: .null)
        _ = try scene.journal.begin(open)
        try scene.journal.folder(of: id).put("operations.jsonl", "")
        try scene.journal.record(open)
      }
      #expect(try scene.journal.survey().open.map(\.id) == ["2", "1"])
      #expect(
        try Recovery(journal: scene.journal, rows: scene.rows, threads: scene.threads).run().map(
          \.transaction.id) == ["2", "1"])
    }
  }

  @Test func aFolderThatNeverBecameATransactionIsRemoved() throws {
    try Scene.with { scene in
      let before = try scene.state()
      _ = try scene.pending()
      #expect(try scene.recover().isEmpty)
      #expect(try Folder.names(in: scene.journal.root).isEmpty)
      #expect(try scene.state() == before)
    }
  }

  @Test func anIntentWithoutManifestIsNoTransaction() throws {
    try Scene.with { scene in
      try scene.crash(after: 0)
      try DurableFile.remove(scene.folder.appending("manifest.json"))
      #expect(try scene.recover().isEmpty)
      #expect(try Folder.names(in: scene.journal.root).isEmpty)
    }
  }
}

extension Scene {
  /// The two names of a move.
  func names(of operation: Operation) -> (FilePath, FilePath)? {
    switch operation {
    case .placeFile(let path, let content): (folder.appending(content.name), path)
    case .takeFile(let path, let content): (path, folder.appending(content.name))
    case .moveFile(let path, let target): (path, target)
    default: nil
    }
  }
}

extension FilePath {
  /// Writes bytes to the end of a file below this folder, as another program would.
  func append(_ bytes: [UInt8], to path: String) throws {
    let file = try FileDescriptor.open(appending(path), .writeOnly, options: .append)
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }
}
