import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// What a hostile package may say of one session: it must neither end the program nor keep the others from going on.
struct HostileSessionTests {
  private let bad = Sample.thread(1)
  private let good = Sample.thread(2)

  @discardableResult
  private func survive(
    _ talk: TranscriptBuilder = Sample.talk("one"), local: TranscriptBuilder? = nil,
    _ columns: [(String, JSONValue)] = [], skipping isAllowed: Bool = false
  ) throws -> SessionPlan.Action? {
    var action: SessionPlan.Action?
    try Scene.play { scene in
      if let local { try scene.home.add(local) }
      let package = try scene.package(
        "p", ThreadSample(talk, columns: columns), ThreadSample(Sample.talk("good", thread: good)))
      var options = SyncOptions()
      options.createsDirectories = true
      let result = try scene.sync(package, options)
      #expect(result.plan.entry(good)?.action == .import && result.transaction != nil)
      #expect(try scene.home.row(good) != nil)
      #expect(try Set(Folder.names(in: scene.root)).isSubset(of: ["bob", "home", "p", "scratch-1"]))
      action = result.plan.entry(bad)?.action
      _ = try scene.packup("out")
      try scene.rollback()
    }
    return action
  }

  @Test(arguments: [Int64.max, .min, Int64.max / 1000 + 1, -1])
  func timesBeyondAllCalendars(_ time: Int64) throws {
    for isAppend in [false, true] {
      let columns: [(String, JSONValue)] = [
        ("created_at", .integer(time)), ("updated_at", .integer(time)), ("recency_at", .integer(time)),
        ("created_at_ms", .null), ("updated_at_ms", .null), ("recency_at_ms", .null),
      ]
      let local = isAppend ? Sample.talk("one") : nil
      try survive(Sample.talk("one", "two"), local: local, columns)
    }
  }

  @Test func columnsOfOtherTypes() throws {
    for value: JSONValue in [
      "text", 5, true, .null, ["a": 1], [1, 2], .number("1e400"), .number("99999999999999999999"),
    ] {
      let names = [
        "created_at", "updated_at", "title", "archived", "tokens_used", "source", "memory_mode",
        "cli_version",
      ]
      try survive(columns(names, value))
    }
  }

  private func columns(_ names: [String], _ value: JSONValue) -> [(String, JSONValue)] {
    names.map { ($0, value) }
  }

  private func survive(_ columns: [(String, JSONValue)]) throws { try survive(Sample.talk("one"), columns) }

  @Test(arguments: [Int64.max, Int64.max - 1, .min])
  func ordinalsAtTheEndOfAllNumbers(_ ordinal: Int64) throws {
    var talk = Sample.talk("one")
    var last = try JSONValue(parsing: try #require(talk.lines.last))
    last["ordinal"] = .integer(ordinal)
    talk.lines[talk.lines.count - 1] = last.bytes
    try survive(talk)
    try survive(Sample.talk("one", "two"), local: talk)
  }

  @Test(arguments: [Int64.max, .min, 0])
  func basesAtTheEndOfAllNumbers(_ number: Int64) throws {
    let base: JSONValue = [
      "thread_id": .string(good.text), "end_ordinal_exclusive": .integer(number),
      "end_byte_offset": .integer(number),
    ]
    #expect(try survive(Sample.talk("one", extra: [("history_base", base)])) == .blocked)
    let itself: JSONValue = [
      "thread_id": .string(bad.text), "end_ordinal_exclusive": 1, "end_byte_offset": 10,
    ]
    #expect(try survive(Sample.talk("one", extra: [("history_base", itself)])) == .blocked)
  }

  @Test(arguments: [
    "", "relative/../../x", "/home/alice/../../etc/evil", "/home/alice/a\u{0}b", "/home/alice/\n", "//",
    #"\\?\"#, "C:",
    "/home/alice/" + String(repeating: "x", count: 5000),
  ])
  func foldersThatAreNone(_ cwd: String) throws { try survive(Sample.talk("one", cwd: cwd)) }

  @Test func aFolderThatAFileIsInTheWayOfIsNotMade() throws {
    try Scene.play { scene in
      try scene.user.put("notes.txt", "mine")
      var options = SyncOptions()
      options.createsDirectories = true
      let package = try scene.package("p", Sample.talk("one", cwd: "/home/alice/notes.txt/x/y"))
      #expect(try scene.sync(package, options).plan.actions == [.import])
      #expect(try scene.user.appending("notes.txt").text() == "mine")
    }
  }

  @Test(arguments: [
    "2026-11-20T10:00:00.000Z", "9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z", "",
    "-999-01-01T00:00:00Z",
  ])
  func timestampsThatAreNone(_ time: String) throws {
    var talk = Sample.talk("one", extra: [("timestamp", .string(time))])
    var last = try JSONValue(parsing: try #require(talk.lines.last))
    last["timestamp"] = .string(time)
    talk.lines[talk.lines.count - 1] = last.bytes
    try survive(talk)
    try survive(talk.and("theirs"), local: Sample.talk("one", "mine"))
  }

  @Test func aSkillThatIsNotTheOneShownIsRefused() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      let file = try package.put("skills/new/SKILL.md", "shown")
      var options = SyncOptions()
      options.importsMissingSkills = true
      let shown = try scene.plan(package, options).digest
      try DurableFile.replace(file, with: Array("other".utf8))
      #expect(throws: SyncError.self) { try scene.command(package, options).execute(expecting: shown) }
      #expect(try FileStamp.of(scene.home.root.appending("skills")) == nil)
    }
  }
}
