import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct RolloutFolderTests {
  private func name(_ number: Int, day: Int = 1, _ ending: String = ".jsonl") -> String {
    "rollout-2026-11-0\(day)T00-00-00-\(id(number))\(ending)"
  }

  private func rollouts(_ files: String..., prepare: (FilePath) throws -> Void = { _ in }) throws
    -> [HomeRollout]
  {
    var found: [HomeRollout] = []
    try withHome { root in
      for file in files { try root.put(file, "") }
      try prepare(root)
      found = try CodexHome(root, sqliteHome: nil).rollouts()
    }
    return found
  }

  @Test func aHomeWithoutFoldersHasNoRollouts() throws {
    #expect(try rollouts().isEmpty)
  }

  @Test func rolloutsAreFoundAtAnyDepthOldestFirst() throws {
    let found = try rollouts(
      "sessions/2026/11/03/\(name(1, day: 3))", "sessions/\(name(2, day: 2))",
      "sessions/imported/\(name(3, day: 1))",
      "archived_sessions/\(name(4, day: 4))")
    #expect(found.map(\.name.thread) == [id(3), id(2), id(1), id(4)])
    #expect(found.map(\.isArchived) == [false, false, false, true])
  }

  @Test func thePlainFileCountsWhereACompressedOneStandsBesideIt() throws {
    let found = try rollouts(
      "sessions/\(name(1))", "sessions/\(name(1, ".jsonl.zst"))",
      "archived_sessions/\(name(2, ".jsonl.zst"))",
      "sessions/a/\(name(3))", "sessions/b/\(name(3, ".jsonl.zst"))")
    #expect(found.map(\.name.isCompressed) == [false, true, false, true])
    #expect(found.map(\.name.thread) == [id(1), id(2), id(3), id(3)])
  }

  @Test func segmentsAreRolloutsOfTheirOwn() throws {
    let found = try rollouts("sessions/\(name(1))", "sessions/\(name(1, "_\(id(2)).jsonl"))")
    #expect(found.map(\.name.rolloutID) == [id(1), id(2)])
  }

  @Test(arguments: [
    "sessions/notes.jsonl", "sessions/rollout-2026-11-01T00-00-00-thread.jsonl", "sessions/.DS_Store",
    "sessions/rollout-2026-11-01T00-00-00-018bcfe5-6801-7707-8707-070707070707.jsonl.tmp",
    "elsewhere/rollout-2026-11-01T00-00-00-018bcfe5-6801-7707-8707-070707070707.jsonl",
  ])
  func otherFilesAreNoRollouts(_ file: String) throws {
    #expect(try rollouts(file).isEmpty)
  }

  @Test func linkedFoldersAreFollowedEachOnce() throws {
    let found = try rollouts("sessions/\(name(1))", "outside/\(name(2))") { root in
      let sessions = root.appending("sessions")
      for link in ["outside", "again"] {
        #expect(symlink(root.appending("outside").string, sessions.appending(link).string) == 0)
      }
      #expect(symlink(sessions.string, sessions.appending("loop").string) == 0)
    }
    #expect(found.map(\.name.thread) == [id(1), id(2)])
    #expect(found.map(\.isOutside) == [false, false])
  }

  @Test func aLinkedFileIsWhereTheLinkLeads() throws {
    try withHome { root in
      let outside = try root.put("outside/kept.jsonl", "")
      try Folder.create(root.appending("sessions"))
      #expect(symlink(outside.string, root.appending("sessions").appending(name(1)).string) == 0)
      #expect(symlink("nowhere", root.appending("sessions").appending(name(2)).string) == 0)
      let found = try CodexHome(root, sqliteHome: nil).rollouts()
      #expect(found.map(\.name.thread) == [id(1), id(2)] && found.allSatisfy(\.isOutside))
      #expect(found.map(\.path.lastComponent?.string) == ["kept.jsonl", "nowhere"])
    }
  }

  @Test func whatCannotBeLookedIntoIsTold() throws {
    try withHome { root in
      let sessions = root.appending("sessions")
      try sessions.put("2026/\(name(1))", "")
      try Folder.create(sessions.appending("2027"))
      #expect(symlink("nowhere", sessions.appending("2025").string) == 0)
      #expect(symlink("nowhere", sessions.appending(".#lock").string) == 0)
      #expect(symlink("2024", sessions.appending("2024").string) == 0)
      let survey = try CodexHome(root, sqliteHome: nil).survey()
      #expect(survey.rollouts.map(\.name.thread) == [id(1)])
      #expect(survey.away == [sessions.appending("2025")])
      #expect(survey.unreadable.map(\.path) == [sessions.appending("2024")])
      #expect(survey.empty.map(\.path) == [sessions.appending("2027")])
    }
  }
}

struct ForeignNameTests {
  @Test(arguments: ["", "rollout-", "rollout-2026-11-01T00-00-00-123Z-"])
  func aNameThatEndsInTheIDIsKept(_ prefix: String) throws {
    let text = "\(prefix)\(id(1)).jsonl.zst"
    #expect(RolloutName(text) == nil)
    let name = try #require(RolloutName(endingInIDs: text))
    #expect(name.thread == id(1) && name.segment == nil && name.isCompressed && !name.isOrdinary)
    #expect(name.text == text && "\(name.plain.text).zst" == text)
    #expect(RolloutName(endingInIDs: "\(prefix)\(id(1))_\(id(2)).jsonl")?.rolloutID == id(2))
    #expect(RolloutName(endingInIDs: "\(prefix)\(id(1)) copy.jsonl") == nil)
  }

  @Test func theIDOfAnotherThreadInANameSaysNothing() {
    let name = RolloutName(foreign: "\(id(1))_\(id(2)).jsonl", thread: id(3))
    #expect(name.thread == id(3) && name.segment == nil && name.text == "\(id(1))_\(id(2)).jsonl")
  }
}

struct SessionIndexTests {
  private func index(_ text: String?) throws -> SessionIndex {
    try withTemporaryFolder { folder in
      if let text { try folder.put("session_index.jsonl", text) }
      return try SessionIndex(readingFrom: folder.appending("session_index.jsonl"))
    }
  }

  @Test func aMissingFileHasNoRows() throws {
    #expect(try index(nil).rows.isEmpty)
  }

  @Test func theLastRowOfAThreadCounts() throws {
    let first = SessionIndex.row(id(1), name: "first", updatedAt: "t")
    let last = SessionIndex.row(id(1), name: "last", updatedAt: "t")
    let other = SessionIndex.row(id(2), name: "other", updatedAt: "t")
    let text = [first, other, last].map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "\n")
    #expect(try index(text).rows == [id(1): last, id(2): other])
  }

  @Test func linesThatAreNoRowsArePassedOver() throws {
    let row = SessionIndex.row(id(1), name: "a \"name\"\u{2028}", updatedAt: "t")
    let text =
      "{\n\u{0}\u{0}\n[]\n{\"id\":7}\n{\"id\":\"x\"}\n\n" + String(decoding: row.bytes, as: UTF8.self)
      + "\n{\"id\":"
    #expect(try index(text).rows == [id(1): row])
  }
}
