import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct StateSnapshotTests {
  /// Reads a snapshot, and holds the reading to leaving no trace.
  private func read(_ path: FilePath, _ location: SourceLocation = #_sourceLocation) throws -> StateSnapshot {
    try withTemporaryFolder { (scratch: FilePath) throws in
      let folder = path.removingLastComponent()
      let before = try contents(folder)
      let snapshot = Result { try StateSnapshot(readingFrom: path, scratch: scratch) }
      let after = try contents(folder)
      let left = try Folder.names(in: scratch)
      #expect(after == before && left.isEmpty, sourceLocation: location)
      return try snapshot.get()
    }
  }

  private func contents(_ folder: FilePath) throws -> [String: String] {
    var contents: [String: String] = [:]
    for name in try Folder.names(in: folder) {
      let path = folder.appending(name)
      contents[name] =
        "\(String(describing: try FileStamp.of(path))) \(try FileReading.bytes(of: path).hashValue)"
    }
    return contents
  }

  @Test func rowsThatAreOnlyInTheLogAreSeenAndNoTraceIsLeft() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(folder.appending("home/state_5.sqlite"))
      try live.add(1)
      try live.checkpoint()
      try live.add(2, title: "only in the log")
      let snapshot = try read(live.path)
      #expect(Set(snapshot.threads.keys) == [id(1), id(2)])
      #expect(snapshot.threads[id(2)]?["title"] == "only in the log")
      #expect(snapshot.threads[id(2)]?["created_at_ms"] == 10000)
      #expect(try live.strings("SELECT id FROM threads ORDER BY id") == [id(1).text, id(2).text])
    }
  }

  @Test func rowsThatWereNotCommittedAreNotSeen() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(folder.appending("home/state_5.sqlite"))
      try live.add(1)
      try live.withHalfAChange("UPDATE threads SET title = 'changed'") {
        let names = try Folder.names(in: folder.appending("home"))
        #expect(names == ["state_5.sqlite", "state_5.sqlite-journal"])
        #expect(try read(live.path).threads[id(1)]?["title"] == "title")
      }
    }
  }

  @Test func aCatalogueWithoutALogIsRead() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let path = folder.appending("home/state_5.sqlite")
      try LiveDatabase(path).add(1)
      #expect(try Folder.names(in: path.removingLastComponent()) == ["state_5.sqlite"])
      #expect(try read(path).threads.count == 1)
    }
  }

  @Test func columnsToolsAndMigrationAreTold() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(folder.appending("home/state_5.sqlite"))
      try live.add(1)
      for position in [1, 0] {
        let values = "'\(id(1))', \(position), 'tool \(position)', 'd', '{}'"
        try live.execute("INSERT INTO thread_dynamic_tools VALUES (\(values))")
      }
      let snapshot = try read(live.path)
      #expect(snapshot.migration == 61)
      #expect(snapshot.threadColumns["id"] == .text)
      #expect(snapshot.threadColumns["created_at"] == .integer)
      #expect(snapshot.dynamicTools[id(1)]?.compactMap { $0["name"]?.string } == ["tool 0", "tool 1"])
      #expect(snapshot.dynamicToolColumns.contains("input_schema"))
    }
  }

  @Test func tablesOfOtherVersionsMayBeMissing() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(
        folder.appending("home/state_5.sqlite"), "CREATE TABLE threads (id TEXT PRIMARY KEY)")
      try live.execute("INSERT INTO threads VALUES ('\(id(1))'), ('no id')")
      let snapshot = try read(live.path)
      #expect(snapshot.threads == [id(1): ["id": .string(id(1).text)]])
      #expect(snapshot.migration == 0 && snapshot.dynamicTools.isEmpty && snapshot.dynamicToolColumns.isEmpty)
    }
  }

  @Test func everyTypeOfValueIsRead() throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let live = try LiveDatabase(
        folder.appending("home/state_5.sqlite"), "CREATE TABLE threads (id TEXT, i, d, t, n, b)")
      try live.execute(
        "INSERT INTO threads VALUES ('\(id(1))', 9223372036854775807, 0.5, 'ü\u{2028}', NULL, x'00')")
      let expected: JSONValue = [
        "id": .string(id(1).text), "i": .integer(.max), "d": .number("0.5"), "t": "ü\u{2028}", "n": .null,
        "b": .null,
      ]
      #expect(try read(live.path).threads[id(1)] == expected)
    }
  }

  @Test(arguments: [
    "", "this is no database at all, whatever its name says", "SQLite format 3\u{0} and then nonsense",
  ])
  func aDamagedCatalogueIsSaid(_ text: String) throws {
    try withTemporaryFolder { (folder: FilePath) throws in
      let path = try folder.put("home/state_5.sqlite", text)
      do throws(any Error) {
        _ = try read(path)
        Issue.record("a damaged database was read")
      } catch CodexHomeError.database(let found, _) {
        #expect(found == path)
      }
    }
  }
}
