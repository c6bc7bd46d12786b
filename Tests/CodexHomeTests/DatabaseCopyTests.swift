import DurableFiles
import GRDB
import SyncTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import CodexHome

struct DatabaseCopyTests {
  /// Commits all the time, by a connection of its own, until it is told to end.
  private final class Writer: Sendable {
    private let isDone = Mutex(false)

    init(_ path: FilePath) throws {
      let queue = try DatabaseQueue(path: path.string)
      try queue.writeWithoutTransaction { database in
        try database.execute(
          sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 100")
        try database.execute(sql: "CREATE TABLE pairs (one INTEGER, other INTEGER, filling BLOB)")
        try database.execute(
          sql: """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
            INSERT INTO pairs SELECT 0, 0, zeroblob(900) FROM numbers
            """)
      }
      Task.detached { [self] in
        while !isDone.withLock({ $0 }) {
          try await queue.write { try $0.execute(sql: "UPDATE pairs SET one = one + 1, other = other + 1") }
          // As often as no program commits; a log that begins anew in each copy could not be copied at all.
          try await Task.sleep(for: .milliseconds(2))
        }
      }
    }

    func end() { isDone.withLock { $0 = true } }
  }

  /// The pages of one commit lie all over the file: a copy of two moments has rows that differ.
  @Test func aDatabaseThatIsWrittenToAllTheTimeIsReadAsOfOneMoment() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("live.sqlite")
      let writer = try Writer(path)
      defer { writer.end() }
      for number in 0..<100 {
        let scratch = folder.appending("scratch-\(number)")
        try Folder.create(scratch)
        let values = try CopiedDatabase.read(path, scratch: scratch) { database in
          #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
          return try Int.fetchSet(database, sql: "SELECT one FROM pairs UNION SELECT other FROM pairs")
        }
        #expect(values.count == 1)
        #expect(try Folder.names(in: scratch).isEmpty)
      }
    }
  }

  @Test func nothingIsLeftBesideADatabaseThatWasRead() throws {
    try withTemporaryFolder { folder in
      let home = folder.appending("home")
      let live = try LiveDatabase(home.appending("state_5.sqlite"))
      try live.add(1)
      try DatabaseCopy.take(
        live.path, to: try home.put("k/copy", "").removingLastComponent().appending("killed"))
      let before = try Folder.names(in: home.appending("k"))
      #expect(before == ["copy", "killed", "killed-wal"])
      let count = try CopiedDatabase.read(home.appending("k").appending("killed"), scratch: folder) {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM threads")
      }
      #expect(count == 1)
      #expect(try Folder.names(in: home.appending("k")) == before)
    }
  }

  @Test func aDatabaseBehindALinkIsCopiedWithItsLog() throws {
    try withTemporaryFolder { folder in
      let live = try LiveDatabase(folder.appending("far").appending("live.sqlite"))
      try live.add(1)
      let link = folder.appending("state_5.sqlite")
      try symlink(link, to: live.path.string)
      let count = try CopiedDatabase.read(link, scratch: folder) {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM threads")
      }
      #expect(count == 1)
    }
  }

  /// It passes, and `--wait` tries again: no reason to look at the path and its permissions.
  @Test func somebodyWhoWritesEachTimeMakesTheDatabaseBusy() {
    let error = FileError(.read, "/d", .resourceBusy)
    #expect(databaseError("/d", error) == .databaseBusy("/d"))
    #expect(databaseError("/d", FileError(.read, "/d", .permissionDenied)) != .databaseBusy("/d"))
  }
}
