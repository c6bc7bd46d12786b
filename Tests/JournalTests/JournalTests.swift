import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

struct JournalFolderTests {
  private func transaction(_ id: String, undoes: String...) -> Transaction {
    var transaction = Transaction(
      id: id, createdAt: "", command: "sync", planDigest: nil, details: .null, undoes: undoes)
    transaction.status = .committed
    return transaction
  }

  private func with(_ transactions: Transaction..., body: (Journal) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      for transaction in transactions {
        _ = try journal.begin(transaction)
        try journal.record(transaction)
      }
      try body(journal)
    }
  }

  @Test func aJournalThatIsNotThereIsEmpty() throws {
    try with { (journal: Journal) throws in
      #expect(try journal.transactions().isEmpty)
      #expect(try journal.survey().unbegun.isEmpty)
    }
  }

  @Test func transactionsAreListedNewestFirst() throws {
    try with(transaction("1"), transaction("3"), transaction("2")) { (journal: Journal) throws in
      #expect(try journal.transactions().map(\.id) == ["3", "2", "1"])
      #expect(try journal.transaction("2").id == "2")
    }
  }

  @Test func whatIsTooLongForTheManifestIsKeptBesideIt() throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      for (id, notes) in [("1", nil), ("2", ["sources": [1, 2]] as JSONValue?)] {
        var pending = try journal.begin(transaction(id))
        if let notes { pending.note(notes) }
        try pending.run(MemoryRows())
        #expect(try journal.readNotes(of: id) == notes)
      }
    }
  }

  @Test func anUnknownTransactionIsSaid() throws {
    try with(transaction("1")) { (journal: Journal) throws in
      for id in ["2", "../journal/1", ""] {
        #expect(throws: JournalError.unknownTransaction(id)) { try journal.transaction(id) }
      }
    }
  }

  @Test func whatACommittedTransactionUndoesIsRolledBack() throws {
    try with(transaction("1"), transaction("2", undoes: "1")) { (journal: Journal) throws in
      #expect(try journal.transactions().map(\.status) == [.committed, .rolledBack])
      #expect(try journal.transaction("1").undoneBy == "2")
    }
  }

  @Test func whatWasUndoneAndIsUndoneAgainIsCommitted() throws {
    try with(transaction("1"), transaction("2", undoes: "1"), transaction("3", undoes: "2")) {
      (journal: Journal) throws in
      #expect(try journal.transactions().map(\.status) == [.committed, .rolledBack, .committed])
    }
  }

  @Test func aManifestThatIsNoneIsSaid() throws {
    try with(transaction("1")) { (journal: Journal) throws in
      let path = journal.folder(of: "1").appending("manifest.json")
      for text in ["", "{", "[]", #"{"format_version":2}"#] {
        try DurableFile.replace(path, with: Array(text.utf8))
        #expect(throws: JournalError.malformed(path)) { try journal.transactions() }
      }
    }
  }

  @Test func anOperationThatIsNoneIsSaid() throws {
    try with(transaction("1")) { (journal: Journal) throws in
      let path = try journal.folder(of: "1").put("operations.jsonl", "{\"op\":\"?\"}\n")
      #expect(throws: JournalError.malformed(path)) { try journal.operations(of: "1") }
    }
  }

  @Test func filesOfADesktopInTheFolderDoNoHarm() throws {
    try with(transaction("1")) { (journal: Journal) throws in
      try journal.root.put(".DS_Store", "")
      #expect(try journal.transactions().map(\.id) == ["1"])
      #expect(try journal.survey().unbegun.isEmpty)
    }
  }

  /// A folder that was moved away by hand, as the remedy for a damaged journal says, was removed by the next recovery.
  @Test func aFolderThatIsNotOursIsNeverLitter() throws {
    try with(transaction("1")) { (journal: Journal) throws in
      try journal.root.put("1/operations.jsonl", "")
      try journal.root.put("away/2/operations.jsonl", "")
      try journal.root.put("3/notes of mine.txt", "")
      #expect(try journal.litter(journal.survey()).isEmpty)
    }
  }

  /// Without its manifest a transaction looks as if it never was one.
  @Test func aFolderWithTakenFilesIsNeverLitter() throws {
    try Scene.with { scene in
      try scene.crash(after: 4)
      let manifest = scene.folder.appending("manifest.json")
      try DurableFile.remove(manifest)
      #expect(throws: JournalError.malformed(manifest)) { try scene.recover() }
      #expect(try Folder.names(in: scene.folder).contains("operations.jsonl"))
    }
  }

  @Test(arguments: [0, 1])
  func aShortenedIntentIsMalformed(_ lines: Int) throws {
    try Scene.with { scene in
      var pending = try scene.pending().transaction
      try pending.run(scene.rows)
      let path = scene.folder.appending("operations.jsonl")
      let kept = try path.text().split(separator: "\n").prefix(lines).map { $0 + "\n" }.joined()
      try DurableFile.replace(path, with: Array(kept.utf8))
      #expect(throws: JournalError.malformed(path)) { try scene.journal.operations(of: scene.transaction.id) }
    }
  }

  /// The paths in it led to the original's files.
  @Test func aJournalThatWasCopiedIsAboutTheFilesBesideIt() throws {
    try withTemporaryFolder { folder in
      let home = folder.appending("home")
      let journal = Journal(root: home.appending("journal"), home: home)
      var pending = try journal.begin(transaction("1"))
      pending.add(.makeFolder(home.appending("new")))
      pending.add(.makeFolder(folder.appending("work")))
      pending.add(.moveFile(home.appending("a"), to: home.appending("b")))
      try home.put("a", "")
      try pending.run(MemoryRows())
      let copy = folder.appending("copy")
      for file in ["manifest.json", "operations.jsonl"] {
        try copy.put("journal/1/\(file)", try home.pushing(FilePath("journal/1/\(file)")).text())
      }
      let operations = try Journal(root: copy.appending("journal"), home: copy).operations(of: "1")
      #expect(
        operations == [
          .makeFolder(copy.appending("new")), .makeFolder(folder.appending("work")),
          .moveFile(copy.appending("a"), to: copy.appending("b")),
        ])
    }
  }

  @Test func aKeptFileThatIsDamagedIsReplacedByAGoodOne() throws {
    try Scene.with { scene in
      let (pending, operations) = try scene.pending()
      let content = try #require(operations.compactMap(\.keptContent).first)
      try scene.journal.kept.put(content.sha256, "torn")
      var transaction = pending
      try transaction.run(scene.rows)
      #expect(try scene.journal.kept.appending(content.sha256).text() == "packed")
    }
  }

  @Test(arguments: [false, true])
  func aFolderWithCutBytesIsNeverLitter(_ isCommitted: Bool) throws {
    try Scene.with { scene in
      if isCommitted {
        var pending = try scene.pending().transaction
        try pending.run(scene.rows)
      } else {
        try scene.crash(after: 8)
      }
      let manifest = scene.folder.appending("manifest.json")
      try DurableFile.remove(manifest)
      #expect(throws: JournalError.malformed(manifest)) { try scene.recover() }
    }
  }
}
