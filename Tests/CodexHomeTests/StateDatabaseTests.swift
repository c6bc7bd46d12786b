import CanonicalJSON
import CodexHome
import DurableFiles
import GRDB
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct StateDatabaseTests {
  typealias Edit = StateDatabase.Edit

  private func withDatabase(_ body: (LiveDatabase, StateDatabase) throws -> Void) throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(folder.appending("state_5.sqlite"))
      try live.add(1)
      try body(live, try StateDatabase(live.path))
    }
  }

  private func edit(_ number: Int, before: JSONValue? = nil, after: JSONValue? = nil) -> Edit {
    Edit(table: "threads", key: ["id": .string(id(number).text)], before: before, after: after)
  }

  private func insertion(_ number: Int, _ more: JSONValue.Member...) -> Edit {
    edit(number, after: .object([.init("id", .string(id(number).text))] + minimalRow + more))
  }

  private func titles(_ live: LiveDatabase) throws -> [String] {
    try live.strings("SELECT title FROM threads ORDER BY id")
  }

  @Test func aCatalogueIsNeverCreated() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let path = folder.appending("state_5.sqlite")
      #expect(throws: CodexHomeError.missing(path)) { try StateDatabase(path) }
      #expect(try Folder.names(in: folder).isEmpty)
    }
  }

  @Test func aRowIsInserted() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let edit = insertion(2)
      #expect(try database.state(of: edit) == .before)
      try database.apply([edit])
      #expect(try database.state(of: edit) == .after)
      #expect(try titles(live) == ["title", "title"])
    }
  }

  @Test func codexsTriggersFillWhatARowLeavesOut() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      try database.apply([insertion(2)])
      let row = try #require(try database.row(table: "threads", key: ["id": .string(id(2).text)]))
      #expect(row["created_at_ms"] == 10000 && row["updated_at_ms"] == 20000)
      #expect(row["recency_at"] == 20 && row["recency_at_ms"] == 20000)
      #expect(row["history_mode"] == "legacy" && row["name"] == .null)
    }
  }

  @Test func codexsTriggersLeaveWhatARowSays() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let times: [JSONValue.Member] = [
        .init("created_at_ms", 10001), .init("updated_at_ms", 20002), .init("recency_at", 3),
        .init("recency_at_ms", 3003),
      ]
      let edit = edit(2, after: .object([.init("id", .string(id(2).text))] + minimalRow + times))
      try database.apply([edit])
      #expect(try database.state(of: edit) == .after)
      let update = self.edit(
        2, before: ["updated_at": 20, "updated_at_ms": 20002],
        after: ["updated_at": 21, "updated_at_ms": 21007])
      try database.apply([update])
      #expect(try database.state(of: update) == .after)
    }
  }

  /// Codex may have found the file and made a row of its own in the meantime.
  @Test func aRowThatAppearedMeanwhileIsCompletedAndNotReplaced() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      try live.execute("UPDATE threads SET is_pinned = 1, title = 'theirs'")
      try live.execute("INSERT INTO thread_dynamic_tools VALUES ('\(id(1))', 0, 'n', 'd', '{}')")
      try database.apply([insertion(1)])
      #expect(try titles(live) == ["title"])
      #expect(try live.strings("SELECT is_pinned FROM threads") == ["1"])
      #expect(try live.strings("SELECT name FROM thread_dynamic_tools") == ["n"])
    }
  }

  @Test func onlyTheColumnsNamedAreUpdated() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let edit = edit(
        1, before: ["title": "title", "name": .null], after: ["title": "new", "name": "named"])
      try database.apply([edit])
      #expect(try titles(live) == ["new"])
      #expect(try live.strings("SELECT cwd || name FROM threads") == ["/wnamed"])
      #expect(try database.state(of: edit) == .after)
    }
  }

  @Test func aRowIsDeletedWithWhatHangsOnIt() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      try live.execute("INSERT INTO thread_dynamic_tools VALUES ('\(id(1))', 0, 'n', 'd', '{}')")
      try database.apply([edit(1, before: ["title": "title"])])
      #expect(try titles(live).isEmpty)
      #expect(try live.strings("SELECT name FROM thread_dynamic_tools").isEmpty)
    }
  }

  @Test(arguments: [["title": "new"], nil] as [JSONValue?])
  func aRowThatChangedMeanwhileIsRefused(_ after: JSONValue?) throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let edit = edit(1, before: ["title": "another"], after: after)
      #expect(throws: CodexHomeError.self) { try database.apply([edit]) }
      #expect(try titles(live) == ["title"])
      #expect(try database.state(of: edit) == .other)
    }
  }

  @Test func aRowThatIsGoneIsRefused() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      #expect(throws: CodexHomeError.self) {
        try database.apply([edit(9, before: [:], after: ["title": "new"])])
      }
      #expect(throws: CodexHomeError.self) { try database.apply([edit(9, before: [:])]) }
    }
  }

  @Test func allEditsAreMadeOrNone() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let refused = edit(1, before: ["title": "another"], after: ["title": "new"])
      #expect(throws: CodexHomeError.self) { try database.apply([insertion(2), refused]) }
      #expect(try titles(live) == ["title"])
      #expect(throws: CodexHomeError.self) {
        try database.apply([insertion(2), insertion(3, .init("nonsense", 1))])
      }
      #expect(try titles(live) == ["title"])
    }
  }

  @Test func everyEditIsUndoneByItsReverse() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let before = try database.row(table: "threads", key: ["id": .string(id(1).text)])
      let edits = [insertion(2), edit(1, before: ["title": "title"], after: ["title": "new"])]
      try database.apply(edits)
      let reverse = edits.reversed().map {
        Edit(table: $0.table, key: $0.key, before: $0.after, after: $0.before)
      }
      try database.apply(reverse)
      #expect(try titles(live) == ["title"])
      #expect(try database.row(table: "threads", key: ["id": .string(id(1).text)]) == before)
    }
  }

  @Test func namesAndValuesAreNeverRead() throws {
    try withDatabase { (live: LiveDatabase, database: StateDatabase) throws in
      let hostile = "x'; DROP TABLE threads; --"
      try database.apply([edit(1, before: ["title": "title"], after: ["title": .string(hostile)])])
      #expect(try titles(live) == [hostile])
      for key in ["id\" = 1; --", "title\"", "nonsense"] {
        let edit = Edit(
          table: "threads", key: .object([.init(key, 1)]), before: ["title": "x"], after: ["title": "y"])
        #expect(throws: CodexHomeError.self) { try database.apply([edit]) }
      }
      #expect(try titles(live) == [hostile])
    }
  }

  @Test func noPersistentSettingIsTouched() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let path = folder.appending("state_5.sqlite")
      for mode in ["wal", "delete"] {
        let live = try LiveDatabase(path, mode == "wal" ? Schema.threads : "")
        try live.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = \(mode)") }
        try StateDatabase(path).apply([insertion(mode == "wal" ? 2 : 3)])
        #expect(try live.strings("PRAGMA journal_mode") == [mode])
        #expect(try live.strings("PRAGMA user_version") == ["0"])
      }
    }
  }
}

struct ThreadHistoryDatabaseTests {
  @Test func theRowsOfOneRolloutAreDropped() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(folder.appending("thread_history_1.sqlite"), Schema.history)
      let tables = try live.strings("SELECT name FROM sqlite_master WHERE type = 'table'")
      #expect(tables.count == 4)
      for table in tables {
        try live.execute("INSERT INTO \(table) VALUES ('a', 'x'), ('a', 'y'), ('b', 'z')")
      }
      try ThreadHistoryDatabase.forget(rollouts: ["a"], in: live.path)
      for table in tables { #expect(try live.strings("SELECT thread_id FROM \(table)") == ["b"]) }
    }
  }

  @Test func aMissingDatabaseIsNotMade() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      try ThreadHistoryDatabase.forget(rollouts: ["a"], in: folder.appending("thread_history_1.sqlite"))
      #expect(try Folder.names(in: folder).isEmpty)
    }
  }

  @Test func missingTablesAreNoMatter() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(
        folder.appending("thread_history_1.sqlite"), "CREATE TABLE thread_turns (thread_id)")
      try live.execute("INSERT INTO thread_turns VALUES ('a')")
      try ThreadHistoryDatabase.forget(rollouts: ["a"], in: live.path)
      #expect(try live.strings("SELECT thread_id FROM thread_turns").isEmpty)
    }
  }

  /// A transaction that has rows to forget could otherwise neither be committed nor undone.
  @Test(arguments: ["", "no database at all, but long enough to be looked at as one by whoever opens it"])
  func aDamagedDatabaseHasNothingToForget(_ text: String) throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let path = try folder.put("thread_history_1.sqlite", text)
      #expect(throws: Never.self) { try ThreadHistoryDatabase.forget(rollouts: ["a"], in: path) }
      #expect(try path.text() == text)
    }
  }
}
