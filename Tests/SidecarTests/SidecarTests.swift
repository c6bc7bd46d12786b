import CanonicalJSON
import DurableFiles
import GRDB
import Lineage
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

struct SidecarTests {
  @Test func aNoteIsReadAsItWasWritten() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      let note = try note(1, [1, 2, 3], segments: [[1, 2, 4], []])
      try sidecar.note([note])
      #expect(try sidecar.note(of: id(1)) == note)
      #expect(try sidecar.notedFiles() == [id(1): note.files])
    }
  }

  @Test func aNoteTakesThePlaceOfTheOneBefore() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      try sidecar.note([note(1, [1, 2, 3], segments: [[9]])])
      let later = try note(1, [1, 2])
      try sidecar.note([later])
      #expect(try sidecar.note(of: id(1)) == later)
      #expect(try sidecar.noted(with: [record(9)]).isEmpty)
    }
  }

  @Test(arguments: [1023, 1024, 1025, 3000])
  func longHistoriesComeBackWholeHoweverTheyGrewOrShrank(_ length: Int) throws {
    try withTemporaryFolder { folder in
      let sidecar = try Sidecar(writing: folder.appending("sidecar.sqlite"))
      for count in [length, length + 1, length * 2, 5, length] {
        let note = try note(1, Array(0..<count), segments: [Array(7..<(count + 7))])
        try sidecar.note([note])
        #expect(try sidecar.note(of: id(1)) == note)
      }
    }
  }

  @Test func aThreadIsFoundByTheKeysOfHeadAndSegments() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      try sidecar.note([note(1, [1, 2], segments: [[7, 8]]), note(2, [7]), note(3, [])])
      #expect(try sidecar.noted(with: [record(1)]) == [id(1)])
      #expect(try sidecar.noted(with: [record(7)]) == [id(1), id(2)])
      #expect(try sidecar.noted(with: [record(2)]).isEmpty)
    }
  }

  @Test func aForgottenThreadLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      try sidecar.note([note(1, [1]), note(2, [1])])
      try sidecar.take([], forgetting: .threads([id(1)]))
      #expect(try sidecar.note(of: id(1)) == nil)
      #expect(try sidecar.noted(with: [record(1)]) == [id(2)])
      #expect(Set(try sidecar.notedFiles().keys) == [id(2)])
    }
  }

  @Test func whatTheJournalTellsIsFoundByOrigin() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      let marker = Marker(
        lineageKey: record(1), rootOrigin: "there", rootThread: id(5), common: 1, isClosed: false)
      var entry = JournalEntry(transaction: "a")
      entry.origin = "there"
      entry.sessions = [
        .init(
          remoteThread: id(5), localThread: id(6), lineageKey: record(1), marker: marker, baseLength: 4,
          baseDigest: record(4))
      ]
      entry.pathMappings = [.init(from: "/there", to: "/here")]
      entry.rows = [.init(thread: id(6), columns: ["name": "first", "archived": 0])]
      try sidecar.take([entry])
      #expect(try sidecar.transactions() == ["a"])
      #expect(try sidecar.markers() == [id(6): marker])
      let mapping = try #require(try sidecar.mappings(from: "there")[id(5)])
      #expect(mapping.localThread == id(6) && mapping.baseLength == 4 && mapping.baseDigest == record(4))
      #expect(try sidecar.mappings(from: "elsewhere").isEmpty)
      #expect(try sidecar.pathMappings(from: "there") == entry.pathMappings)
      #expect(try sidecar.writtenColumn("name", of: id(6)) == "first")
      #expect(try sidecar.writtenColumn("title", of: id(6)) == nil)
    }
  }

  @Test func aPackageWithoutOriginLeavesNoMapping() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      var entry = JournalEntry(transaction: "a")
      entry.sessions = [
        .init(
          remoteThread: id(5), localThread: id(6), lineageKey: nil, marker: nil, baseLength: 1,
          baseDigest: nil)
      ]
      entry.pathMappings = [.init(from: "/there", to: "/here")]
      try sidecar.take([entry])
      #expect(try sidecar.mappings(from: "").isEmpty && sidecar.pathMappings(from: "").isEmpty)
    }
  }

  @Test func aRemovedRowHasNoWrittenColumns() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      var made = JournalEntry(transaction: "a")
      made.rows = [.init(thread: id(1), columns: ["name": "x"])]
      var removed = JournalEntry(transaction: "b")
      removed.rows = [.init(thread: id(1), columns: nil)]
      try sidecar.take([made, removed])
      #expect(try sidecar.writtenColumn("name", of: id(1)) == nil)
    }
  }

  @Test func readingLeavesNoTrace() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let scratch = folder.appending("scratch")
      try Folder.create(scratch)
      #expect(try Sidecar(reading: path, scratch: scratch) == nil)
      try Sidecar(writing: path).note([note(1, [1])])
      let before = (try Folder.names(in: folder), try FileStamp.of(path))
      let sidecar = try #require(try Sidecar(reading: path, scratch: scratch))
      #expect(try sidecar.note(of: id(1)) != nil)
      #expect(try Folder.names(in: folder) == before.0)
      #expect(try FileStamp.of(path) == before.1)
      #expect(try Folder.names(in: scratch).isEmpty)
    }
  }

  @Test func changingACopyChangesNoFile() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let sidecar = try Sidecar(writing: path)
      try sidecar.note([note(1, [1])])
      let copy = try sidecar.inMemory()
      try copy.take([], forgetting: .all)
      #expect(try copy.note(of: id(1)) == nil)
      #expect(try sidecar.note(of: id(1)) != nil)
    }
  }

  @Test func aDamagedSidecarIsNoneForReadingAndMadeAnewForWriting() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let scratch = folder.appending("scratch")
      try Folder.create(scratch)
      try DurableFile.replace(path, with: Array("this is no database, but long enough to look".utf8))
      #expect(try Sidecar(reading: path, scratch: scratch) == nil)
      let sidecar = try Sidecar(writing: path)
      #expect(try sidecar.transactions().isEmpty)
    }
  }

  @Test func aBusySidecarIsNotThrownAway() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      try Sidecar(writing: path).note([note(1, [1])])
      let holder = try DatabaseQueue(path: path.string)
      try holder.writeWithoutTransaction { database in
        try database.execute(sql: "BEGIN EXCLUSIVE")
        #expect(throws: SidecarError.busy(path)) { _ = try Sidecar(writing: path) }
        #expect(try Sidecar(reading: path, scratch: folder)?.note(of: id(1)) != nil)
        try database.execute(sql: "ROLLBACK")
      }
      #expect(try Sidecar(writing: path).note(of: id(1)) != nil)
    }
  }

  /// Its commits are journals beside it that come and go: a reader that met one took the sidecar for refused.
  @Test func aSidecarThatIsWrittenToAllTheTimeIsRead() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let writing = try Sidecar(writing: path)
      try writing.note([note(1, [1])])
      let notes = [try note(1, [1, 2]), try note(1, [1])]
      let writer = Task.detached {
        while !Task.isCancelled {
          for note in notes { try writing.note([note]) }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      defer { writer.cancel() }
      for number in 0..<100 {
        let scratch = folder.appending("scratch-\(number)")
        try Folder.create(scratch)
        let found = try #require(try Sidecar(reading: path, scratch: scratch))
        #expect(try found.note(of: id(1)) != nil)
      }
    }
  }

  @Test func aNewerSidecarIsLeftAlone() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("sidecar.sqlite")
      let scratch = folder.appending("scratch")
      try Folder.create(scratch)
      try Sidecar(writing: path).note([note(1, [1])])
      let queue = try DatabaseQueue(path: path.string)
      try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9: of tomorrow')") }
      #expect(throws: SidecarError.newer(path)) { _ = try Sidecar(reading: path, scratch: scratch) }
      #expect(throws: SidecarError.newer(path)) { _ = try Sidecar(writing: path) }
    }
  }

  private func record(_ number: Int) -> RecordDigest { RecordDigest(hashing: Array("record \(number)".utf8)) }

  private func id(_ number: Int) -> ThreadID {
    ThreadID(milliseconds: UInt64(number), entropy: [UInt8](repeating: 7, count: 10))
  }

  private func note(_ number: Int, _ head: [Int], segments: [[Int]] = []) throws -> ThreadNote {
    let stamp = try #require(try FileStamp.of("/"))
    return ThreadNote(
      thread: LineageThread(
        id: id(number), isDeclaredFork: number == 2, head: History(head.map(record)),
        segments: segments.map { History($0.map(record)) }, turns: .init(open: "open", ended: nil),
        created: 17),
      facts: .init(
        format: .paginated, firstCwd: "/made", localCwd: nil, lastHistory: .init(offset: 700, ordinal: 41),
        turns: 3),
      files: [.init(path: "sessions/\(number).jsonl", stamp: stamp)])
  }
}
