import CodexHome
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct CodexHomeFolderTests {
  @Test func aMissingFolderIsSaid() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("nothing")
      #expect(throws: CodexHomeError.missing(path)) { try CodexHome(path, sqliteHome: nil) }
      let file = try folder.put("file", "")
      #expect(throws: CodexHomeError.missing(file)) { try CodexHome(file, sqliteHome: nil) }
    }
  }

  @Test(arguments: [
    "config.toml", "auth.json", "installation_id", "state_5.sqlite", "session-sync/lock", "sessions/x",
  ])
  func aFolderWithASignOfCodexIsAHome(_ file: String) throws {
    try withTemporaryFolder { folder in
      try folder.put(file, "")
      try folder.put("else", "")
      #expect(throws: Never.self) { try CodexHome(folder, sqliteHome: nil) }
    }
  }

  @Test func anEmptyFolderIsAHomeAndAnotherIsNot() throws {
    try withTemporaryFolder { folder in
      #expect(throws: Never.self) { try CodexHome(folder, sqliteHome: nil) }
      try folder.put("letters.txt", "")
      #expect(throws: CodexHomeError.notAHome(folder)) { try CodexHome(folder, sqliteHome: nil) }
    }
  }

  @Test(
    arguments: [
      ("", nil, ""), ("", "/env", "/env"), ("sqlite_home = \"/config\"", nil, "/config"),
      ("sqlite_home = \"/config\"", "/env", "/config"), ("sqlite_home = \"db\"", "/env", "db"),
    ] as [(String, String?, String)])
  func theConfigBeatsTheEnvironmentForTheDatabases(_ config: String, _ variable: String?, _ wanted: String)
    throws
  {
    try withHome(config) { (root: FilePath) throws in
      let home = try CodexHome(root, sqliteHome: variable.map { FilePath($0) })
      #expect(try home.databases() == root.pushing(FilePath(wanted)))
      #expect(try home.threadHistory().removingLastComponent() == home.databases())
      #expect(home.sessions == root.appending("sessions") && home.writerLocks.starts(with: root))
    }
  }

  @Test(
    arguments: [
      ([], nil), (["state_5.sqlite"], 5), (["state_5.sqlite", "state_10.sqlite", "state_9.sqlite"], 10),
      (
        ["state_5.sqlite-wal", "state_.sqlite", "state_x.sqlite", "mystate_5.sqlite", "state_5.sqlite.bak"],
        nil
      ),
      (["state_5.sqlite", "state_+9.sqlite"], 5), (["state_5.sqlite", "state_007.sqlite"], 5),
      (["state_5.sqlite", "state_-1.sqlite", "state_99999999999999999999.sqlite"], 5),
    ] as [([String], Int?)])
  func theCatalogueIsTheOneWithTheHighestNumber(_ files: [String], _ generation: Int?) throws {
    try withHome { (root: FilePath) throws in
      for file in files { try root.put(file, "") }
      let found = try CodexHome(root, sqliteHome: nil).stateDatabase()
      #expect(found?.generation == generation)
      #expect(found?.path == generation.map { root.appending("state_\($0).sqlite") })
    }
  }

  @Test func databasesInAFolderThatIsNotThereAreNone() throws {
    try withHome { (root: FilePath) throws in
      #expect(try CodexHome(root, sqliteHome: root.appending("nowhere")).stateDatabase() == nil)
    }
  }

  @Test func rolloutsBelongInTheFolderOfTheirDay() throws {
    try withHome { (root: FilePath) throws in
      let home = try CodexHome(root, sqliteHome: nil)
      let name = try #require(
        RolloutName(time: "2026-11-22T21:00:00", thread: id(1))
          ?? RolloutName(time: "2026-11-22T21-00-00", thread: id(1)))
      let day = root.appending("sessions").appending("2026").appending("11").appending("22")
      #expect(home.place(for: name, archived: false) == day.appending(name.text))
      #expect(
        home.place(for: name, archived: true) == root.appending("archived_sessions").appending(name.text))
    }
  }
}
