import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// One bad thing stops one session, and the others arrive.
struct OneBadThingTests {
  private let thread = Sample.thread(1)

  /// Files that nobody can read as a rollout, of one that was whole.
  private static let unreadable: [@Sendable ([UInt8]) -> [UInt8]] = [
    { _ in [] },
    { [UInt8](repeating: 0, count: $0.count) },
    { Array($0.prefix(300)) },
    { [0xEF, 0xBB, 0xBF] + $0 },
    { [0xFF, 0xFE] + $0.flatMap { [$0, 0] } },
    { [0x28, 0xB5, 0x2F, 0xFD] + $0 },
  ]

  @Test(arguments: unreadable.indices) func aCopyTakesThePlaceOfAFileThatNobodyCanRead(_ index: Int) throws {
    try Scene.play { scene in
      let talk = Sample.talk("one", "two")
      let path = try scene.home.add(ThreadSample(talk, columns: [("title", "Mine"), ("is_pinned", 1)]))
      let damaged = Self.unreadable[index](talk.bytes)
      try path.removingLastComponent().put(path.lastComponent?.string ?? "", damaged)
      let before = try HomeSnapshot(scene.home)
      let package = try scene.package("p", talk)
      let session = try #require(try scene.sync(package).plan.entry(thread))
      #expect(session.action == .import && session.localThreadID == thread && session.blockers.isEmpty)
      #expect(session.warnings.contains { $0.code == .unreadableReplaced })
      #expect(try scene.records(thread).count == talk.lines.count + 1)
      let row = try #require(try scene.home.row(thread))
      #expect(row["title"] == "Mine" && row["is_pinned"] == 1 && row["rollout_path"] == .string(path.string))
      #expect(try scene.plan(package).isEmpty)
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
    }
  }

  @Test func aFileThatHoldsMoreThanTheCopyStays() throws {
    try Scene.play { scene in
      let here = Sample.talk("one", "two")
      let path = try scene.home.add(here)
      try path.removingLastComponent().put(path.lastComponent?.string ?? "", [0xEF, 0xBB, 0xBF] + here.bytes)
      let session = try #require(try scene.plan(try scene.package("p", Sample.talk("one"))).entry(thread))
      #expect(session.blockers.map(\.code) == [.damaged] && session.action == .blocked)
    }
  }

  @Test func aFolderThatCannotBeMadeStopsItsOwnSession() throws {
    try Scene.play { scene in
      // 2026 is a file: the day folder of the first session cannot be made. The second is archived.
      let file = try scene.home.root.put("sessions/2026", "no folder")
      let package = try scene.package(
        "p", ThreadSample(Sample.talk("one")),
        ThreadSample(Sample.talk("other", thread: Sample.thread(2)), isArchived: true))
      let plan = try scene.sync(package).plan
      #expect(plan.actions == [.blocked, .import])
      let blocker = try #require(plan.entry(thread)?.blockers.first)
      #expect(blocker.code == .unwritable && blocker.path == file.string)
      #expect(try scene.file(Sample.thread(2)) != nil)
    }
  }

  @Test func aSessionThatCodexCannotReadIsBlockedByWhatItLacks() throws {
    try Scene.play { scene in
      let unfit = Sample.talk("one", extra: [("originator", .null)])
      let package = try scene.package("p", unfit, Sample.talk("other", thread: Sample.thread(2)))
      let plan = try scene.sync(package).plan
      #expect(plan.actions == [.blocked, .import])
      let blocker = try #require(plan.entry(thread)?.blockers.first)
      #expect(blocker.code == .damaged && blocker.detail?.hasSuffix("lacks originator") == true)
    }
  }
}
