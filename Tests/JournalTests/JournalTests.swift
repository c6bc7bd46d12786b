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
      #expect(try journal.unbegun().isEmpty)
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
      #expect(try journal.unbegun().isEmpty)
    }
  }
}
