import CanonicalJSON
import DurableFiles
import JSONTestSupport
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

/// What a run learns of a journal without reading it.
struct SurveyTests {
  private static func id(_ number: Int) -> String {
    let digits = String(number)
    return "018bcfe5-6801-7707-8707-\(String(repeating: "0", count: 12 - digits.count))\(digits)"
  }

  private static func record(
    _ number: Int, _ status: Transaction.Status, in journal: Journal
  ) throws {
    var transaction = Transaction(
      id: id(number), createdAt: "2026-11-22T00:00:00Z", command: "sync", planDigest: nil, details: .null)
    transaction.status = status
    try Folder.create(journal.folder(of: transaction.id))
    try journal.record(transaction)
  }

  private static func list(_ journal: Journal) -> FilePath { journal.root.appending("settled") }

  /// What the journal is known as when every manifest is read.
  private static func read(_ journal: Journal) throws -> [String] {
    let open = try journal.transactions().filter { $0.status == .prepared || $0.status == .applied }
    let unbegun = try journal.ids().filter { try journal.manifest($0) == nil }
    return [open.map { "\($0.id) \($0.status)" }, unbegun].map { "\($0)" } + (try journal.ids())
  }

  private static func surveyed(_ journal: Journal) throws -> [String] {
    let survey = try journal.survey()
    return [survey.open.map { "\($0.id) \($0.status)" }, survey.unbegun].map { "\($0)" } + survey.ids
  }

  @Test func aManifestThatWasSeenToBeSettledIsNotReadAgain() throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      for number in 1...3 { try Self.record(number, number == 2 ? .abandoned : .committed, in: journal) }
      #expect(try journal.survey().news.count == 3)
      journal.remember(try journal.survey())
      #expect(try journal.survey().news.isEmpty && journal.survey().open.isEmpty)
      try Self.record(4, .prepared, in: journal)
      journal.remember(try journal.survey())
      #expect(try journal.survey().open.map(\.id) == [Self.id(4)])
    }
  }

  @Test func aManifestThatABackupBroughtBackIsReadAgain() throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      try Self.record(1, .committed, in: journal)
      try Self.record(2, .committed, in: journal)
      journal.remember(try journal.survey())
      try Self.record(1, .prepared, in: journal)
      #expect(try journal.survey().open.map(\.id) == [Self.id(1)])
      try journal.folder(of: Self.id(2)).put("manifest.json", "{")
      #expect(throws: JournalError.self) { try journal.survey() }
    }
  }

  @Test func aTransactionThatWasDeletedByHandIsNotThere() throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      for number in 1...3 { try Self.record(number, .committed, in: journal) }
      journal.remember(try journal.survey())
      try Folder.removeTree(journal.folder(of: Self.id(2)))
      try DurableFile.remove(journal.folder(of: Self.id(3)).appending("manifest.json"))
      let survey = try journal.survey()
      #expect(survey.ids == [Self.id(1), Self.id(3)] && survey.unbegun == [Self.id(3)])
      #expect(survey.newest == Self.id(1))
    }
  }

  @Test func aJournalWithManyCopiesOfItsListBeginsANewOne() throws {
    try withTemporaryFolder { folder in
      let journal = Journal(root: folder.appending("journal"))
      try Self.record(1, .committed, in: journal)
      for _ in 0..<400 {
        try Self.record(1, .committed, in: journal)
        journal.remember(try journal.survey())
      }
      #expect(try Self.list(journal).lines().count < 200)
      #expect(try journal.survey().news.isEmpty)
    }
  }

  /// Journals that grow, are settled, edited, deleted and restored in part, beside a list that is older, torn, another
  /// journal's or missing: what is learned is what reading everything tells.
  @Test(arguments: 0..<60)
  func aListNeverTellsOtherwiseThanTheManifests(_ seed: UInt64) throws {
    try withTemporaryFolder { folder in
      var random = SeededGenerator(seed: seed)
      let journal = Journal(root: folder.appending("journal"))
      try Folder.create(journal.root)
      var lists: [[UInt8]] = [[], Array("garbage\n\n1 2 3\n".utf8)]
      var backup: [Int: Transaction.Status] = [:]
      for step in 0..<80 {
        let number = Int.random(in: 1...12, using: &random)
        let statuses: [Transaction.Status] = [.prepared, .applied, .committed, .committed, .abandoned]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: try Self.record(number, statuses.randomElement(using: &random) ?? .committed, in: journal)
        case 4: try Folder.removeTree(journal.folder(of: Self.id(number)))
        case 5: try DurableFile.remove(journal.folder(of: Self.id(number)).appending("manifest.json"))
        case 6:
          if let bytes = try FileReading.bytesIfPresent(of: Self.list(journal)) {
            lists.append(bytes)
            lists.append(Array(bytes.prefix(bytes.count / 2)))
          }
          backup = [:]
          for id in 1...12 { backup[id] = try journal.manifest(Self.id(id))?.status }
        case 7: for (id, status) in backup { try Self.record(id, status, in: journal) }
        case 8:
          let list = lists.randomElement(using: &random) ?? []
          try journal.root.put("settled", list)
        default: journal.remember(try journal.survey())
        }
        #expect(try Self.surveyed(journal) == Self.read(journal), "seed \(seed), step \(step)")
      }
    }
  }
}
