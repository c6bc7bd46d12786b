import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// The sidecar's health, and the ways back to it.
struct UpkeepTests {
  private let thread = Sample.thread(1)
  private let other = Sample.thread(2)

  private func sidecar(_ scene: Scene) -> FilePath {
    scene.home.root.appending("session-sync").appending("sidecar.sqlite")
  }

  private func health(_ scene: Scene) throws -> HealthReport {
    try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
  }

  private func checks(_ scene: Scene) throws -> [HealthReport.Check] {
    let found = try health(scene).findings.map(\.check)
    return HealthReport.Check.allCases.filter(found.contains)
  }

  private func rebuild(_ scene: Scene) throws -> SidecarRebuild.Plan {
    try SidecarRebuild(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
  }

  private func replay(_ scene: Scene) throws -> [TransactionReplay.Replayed] {
    try TransactionReplay(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
  }

  private func prune(_ scene: Scene) throws -> MappingPruning.Result {
    try MappingPruning(home: try scene.home.open(), surroundings: try scene.surroundings).execute()
  }

  private func mappings(_ scene: Scene) throws -> [Sidecar.MappedSession] {
    try Sidecar(writing: sidecar(scene)).mappings()
  }

  /// Killed behind the commit record, where the sidecar's turn comes; or the sidecar could not be written.
  @Test func aReplayTookForDeletedWhatARollbackTookAway() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      let noted = try FileReading.bytes(of: sidecar(scene))
      try scene.rollback()
      try DurableFile.replace(sidecar(scene), with: noted)
      _ = try replay(scene)
      #expect(try scene.plan(package).classifications == ["new_lineage"])
    }
  }

  @Test func aReplayTookForDeletedWhatARestoreTookAway() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      try DurableFile.remove(try #require(try scene.file(thread)))
      try scene.home.execute("DELETE FROM threads")
      try Folder.removeTree(scene.home.root.pushing("session-sync/journal"))
      #expect(try replay(scene).isEmpty)
      #expect(try scene.plan(package).classifications == ["new_lineage"])
    }
  }

  /// A home that took in two sessions of another machine, and a branch of a thread of its own.
  private func deliver(_ scene: Scene) throws -> FilePath {
    try scene.home.add(Sample.talk("mine", "own", thread: Sample.thread(3)))
    let away = try HomeBuilder(scene.root.appending("away"))
    for talk in [Sample.talk("one"), Sample.talk("b", thread: other)] { try away.add(talk) }
    try away.add(Sample.talk("mine", "theirs", thread: Sample.thread(3)))
    let package = scene.root.appending("package")
    _ = try Packup(home: try away.open(), options: .init(.all), surroundings: try scene.surroundings)
      .write(to: package)
    let done = try scene.sync(package)
    #expect(done.plan.actions == [.import, .import, .branch])
    return package
  }

  /// Takes a thread away as Codex does.
  private func delete(_ scene: Scene, _ thread: ThreadID) throws {
    try DurableFile.remove(try #require(try scene.file(thread)))
    try scene.home.execute("DELETE FROM threads WHERE id = ?", [.string(thread.text)])
  }

  @Test func aHomeInOrderIsSound() throws {
    try Scene.play { scene in
      #expect(try health(scene).isSound)
      let package = try deliver(scene)
      #expect(try health(scene).findings == [])
      try scene.rollback()
      try scene.sync(package)
      #expect(try health(scene).findings == [])
    }
  }

  @Test func aHealthCheckWritesNothing() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      let before = try HomeSnapshot(scene.home)
      let stamp = try FileStamp.of(sidecar(scene))
      _ = try health(scene)
      #expect(try HomeSnapshot(scene.home) == before && FileStamp.of(sidecar(scene)) == stamp)
    }
  }

  @Test func mappingsOfDeletedThreadsArePrunedAndThePruningIsUndone() throws {
    try Scene.play { scene in
      let package = try deliver(scene)
      try delete(scene, thread)
      #expect(try checks(scene) == [.mappingsLeadToThreads])
      #expect(try health(scene).deleted == [thread] && health(scene).isSound)
      let before = try mappings(scene)
      let pruned = try prune(scene)
      #expect(pruned.mappings.map(\.localThread) == [thread] && pruned.transaction != nil)
      #expect(try health(scene).isSound && mappings(scene).count == before.count - 1)
      #expect(try prune(scene).transaction == nil)
      #expect(try scene.plan(package).entry(thread)?.detail == .deletedLocally)
      _ = try replay(scene)
      #expect(try health(scene).isSound && mappings(scene).count == before.count - 1)
      try scene.rollback()
      #expect(try mappings(scene) == before)
    }
  }

  @Test(arguments: [false, true])
  func aRebuiltSidecarSaysTheSame(_ isDamaged: Bool) throws {
    try Scene.play { scene in
      let package = try deliver(scene)
      let before = try mappings(scene)
      if isDamaged {
        try DurableFile.replace(sidecar(scene), with: Array("no database".utf8))
      } else {
        try DurableFile.remove(sidecar(scene))
      }
      #expect(try checks(scene) == [.sidecarIsReadable])
      #expect(try rebuild(scene).isReadable == false)
      #expect(try health(scene).isSound && mappings(scene) == before)
      #expect(try scene.plan(package).classifications == ["unchanged", "unchanged", "unchanged"])
    }
  }

  @Test func aSidecarThatDisagreesWithTheJournalIsNoticedAndReplayed() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      let before = try mappings(scene)
      try scene.home.execute(
        "UPDATE mappings SET base_length = 99 WHERE local_thread = ?", [.string(thread.text)],
        in: "session-sync/sidecar.sqlite")
      #expect(try checks(scene) == [.sidecarAgreesWithJournal, .basesFitHistories])
      #expect(try replay(scene).map(\.missing) == [[]])
      #expect(try mappings(scene) == before && health(scene).isSound)
    }
  }

  @Test func aTransactionWhoseEffectsAreGoneIsReportedAndMapsToNothing() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      try delete(scene, thread)
      let replayed = try replay(scene)
      #expect(replayed.map(\.missing) == [[thread]])
      #expect(try !mappings(scene).map(\.localThread).contains(thread) && mappings(scene).count == 2)
      #expect(try health(scene).isSound)
    }
  }

  @Test func aThreadThatLostRecordsIsNamed() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one", "two", "three")))
      let path = try #require(try scene.file(thread))
      let bytes = try FileReading.bytes(of: path)
      let lines = bytes.split(separator: 0x0A)
      try DurableFile.replace(
        path, with: Array(lines.prefix(lines.count / 2).joined(separator: [0x0A])) + [0x0A])
      #expect(try checks(scene) == [.effectsAreOnDisk, .historiesOnlyGrow])
      _ = try rebuild(scene)
      #expect(try checks(scene) == [])
      try scene.sync(try scene.package("again", Sample.talk("one", "two", "three")))
      #expect(try scene.plan(try scene.package("last", Sample.talk("one", "two", "three"))).isEmpty)
    }
  }

  /// Other records of the same number and more: nothing is shorter, and nothing is what it was.
  @Test func aThreadThatWasRewrittenPassedForOneThatWentOn() throws {
    try Scene.play { scene in
      let package = try deliver(scene)
      let before = try mappings(scene)
      let path = try #require(try scene.file(thread))
      try DurableFile.replace(path, with: Sample.talk("another", "and more").bytes)
      #expect(try checks(scene) == [.effectsAreOnDisk, .basesFitHistories, .historiesOnlyGrow])
      #expect(try replay(scene).map(\.missing) == [[thread]])
      #expect(try !mappings(scene).map(\.localThread).contains(thread))
      _ = try rebuild(scene)
      #expect(try checks(scene) == [])
      try DurableFile.replace(path, with: Sample.talk("one").bytes)
      _ = try rebuild(scene)
      #expect(try mappings(scene) == before && health(scene).isSound && scene.plan(package).isEmpty)
    }
  }

  @Test func whatCameBackAsABranchIsNotMissedAnyMore() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one", "two"))
      try scene.sync(package)
      let path = try #require(try scene.file(thread))
      try DurableFile.replace(path, with: Sample.talk("one", "another").bytes)
      #expect(try checks(scene).contains(.effectsAreOnDisk))
      #expect(try scene.sync(package).plan.actions == [.branch])
      _ = try prune(scene)
      #expect(try health(scene).isSound)
    }
  }

  @Test func aRebuildThatCannotReadTheJournalForgotDeletions() throws {
    try Scene.play { scene in
      let package = try deliver(scene)
      try scene.sync(try scene.package("more", Sample.talk("more", thread: Sample.thread(5))))
      try delete(scene, thread)
      let oldest = try #require(try scene.transactions().last)
      let folder = scene.home.root.pushing("session-sync/journal").appending(oldest.id)
      let operations = folder.appending("operations.jsonl")
      let bytes = try FileReading.bytes(of: operations)
      try DurableFile.replace(operations, with: Array("{".utf8))
      #expect(throws: SyncError.self) { try rebuild(scene) }
      try DurableFile.replace(operations, with: bytes)
      #expect(try scene.plan(package).entry(thread)?.detail == .deletedLocally)
    }
  }

  /// Two branches of one conversation of which one is the beginning of the other are one that was copied by hand.
  @Test func aCopyOfABranchIsNamed() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      let branch = try #require(
        try mappings(scene).map(\.localThread).first { ![thread, other].contains($0) })
      let bytes = try FileReading.bytes(of: try #require(try scene.file(branch)))
      let copy = Sample.thread(9)
      try scene.home.root.put(
        "sessions/2026/11/20/rollout-2026-11-20T11-00-00-\(copy).jsonl",
        Array(String(decoding: bytes, as: UTF8.self).replacing(branch.text, with: copy.text).utf8))
      let report = try health(scene)
      #expect(Set(report.findings.map(\.check)) == [.threadsAreDistinct, .filesHaveRows] && !report.isSound)
      let distinct = report.findings(of: .threadsAreDistinct)
      #expect(distinct.count == 1 && [branch.text, copy.text].contains(distinct.first?.subject))
    }
  }

  /// A fork that Codex made of one by copying begins like it too.
  @Test func aThreadThatBeginsLikeAnotherIsNoCopyOfABranch() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "two"))
      try scene.home.add(Sample.talk("one", thread: other))
      var copy = Sample.talk("one", "two")
      copy.lines = copy.lines.map { line in
        Array(String(decoding: line, as: UTF8.self).replacing(thread.text, with: Sample.thread(9).text).utf8)
      }
      try scene.home.root.put(
        "sessions/2026/11/20/rollout-2026-11-20T11-00-00-\(Sample.thread(9)).jsonl",
        Array(copy.lines.map { $0 + [0x0A] }.joined()))
      #expect(try checks(scene) == [.filesHaveRows])
    }
  }

  @Test func whatCannotBeReadIsNamed() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try DurableFile.replace(path, with: Array("no record\n".utf8))
      #expect(try checks(scene) == [.rolloutsAreReadable])
    }
  }

  @Test func rowsAreHeldAgainstFiles() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.add(Sample.talk("b", thread: other))
      try scene.home.execute(
        "UPDATE threads SET history_mode = 'legacy' WHERE id = ?", [.string(thread.text)])
      try DurableFile.remove(try #require(try scene.file(other)))
      let report = try health(scene)
      #expect(report.findings(of: .rowsFitFormats).map(\.subject) == [thread.text])
      #expect(report.findings(of: .rowsHaveFiles).map(\.subject) == [other.text])
      #expect(report.findings.count == 2)
    }
  }

  /// As after a restore of the catalogue alone: neither 0.147.0 nor 0.163.0 opens such a thread.
  @Test func aThreadWhoseFileIsInAnotherPlaceThanItsRowSaysIsMendedByAdopting() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      let elsewhere = scene.home.root.appending("sessions/moved.jsonl").string
      try scene.home.execute("UPDATE threads SET rollout_path = ?", [.string(elsewhere)])
      #expect(try checks(scene) == [.rowsHaveFiles])
      let adopt = Adopt(home: try scene.home.open(), threads: [thread], surroundings: try scene.surroundings)
      #expect(try adopt.execute().transaction != nil)
      #expect(try scene.home.row(thread)?["rollout_path"]?.string == path.string)
      #expect(try health(scene).isSound)
      try scene.rollback()
      #expect(try scene.home.row(thread)?["rollout_path"]?.string == elsewhere)
    }
  }

  @Test(arguments: [(Int64(1 << 20), 1), (10, 1)])
  func whatCodexDerivedFromOtherBytesIsNamed(_ offset: Int64, _ turns: Int) throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      try scene.home.derive(thread)
      try scene.home.execute(
        "UPDATE thread_history_projection_state SET next_rollout_byte_offset = ?", [.integer(offset)],
        in: "thread_history_1.sqlite")
      #expect(try checks(scene) == [.projectionsFitRollouts])
    }
  }

  /// The file was written anew with other lengths, and no end of it fell within a record.
  @Test(arguments: [true, false])
  func aTurnThatLiesElsewhereNowIsNamed(_ isElsewhere: Bool) throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try scene.home.derive(thread)
      let lines = try path.lines()
      let end = Int64(lines.map { $0.count + 1 }.reduce(0, +))
      let begin = Int64(lines[0].count + 1)
      try scene.home.execute(
        "UPDATE thread_history_projection_state SET next_rollout_byte_offset = ?", [.integer(end)],
        in: "thread_history_1.sqlite")
      try scene.home.execute(
        "UPDATE thread_turns SET rollout_byte_offset = ?, rollout_end_byte_offset = ?",
        [.integer(begin), .integer(isElsewhere ? end - 5 : end)], in: "thread_history_1.sqlite")
      #expect(try checks(scene) == (isElsewhere ? [.projectionsFitRollouts] : []))
    }
  }

  @Test func aProjectionThatIsStuckIsNamed() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try scene.home.derive(thread)
      let size = try #require(try FileStamp.of(path)?.size)
      try scene.home.execute(
        "UPDATE thread_history_projection_state SET next_rollout_byte_offset = ?", [.integer(size)],
        in: "thread_history_1.sqlite")
      #expect(try checks(scene) == [])
      try scene.home.execute("DELETE FROM thread_turns", in: "thread_history_1.sqlite")
      #expect(try checks(scene) == [.projectionsFitRollouts])
    }
  }

  @Test func aThreadThatAnotherToolInstalledAnewLostNothing() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      let before = try mappings(scene)
      let path = try #require(try scene.file(thread))
      try DurableFile.replace(path, with: Sample.talk("one").bytes)
      #expect(try checks(scene) == [])
      _ = try rebuild(scene)
      #expect(try mappings(scene) == before && checks(scene) == [])
    }
  }

  @Test func aCommandThatWasTakenBackIsNoDisagreement() throws {
    try Scene.play { scene in
      _ = try deliver(scene)
      let journal = Journal(root: scene.home.root.pushing("session-sync/journal"))
      var failed = Transaction(
        id: "0fffffff-0000-7000-8000-000000000000", createdAt: "2026-11-22T09:00:00.000Z", command: "sync",
        planDigest: nil, details: [:])
      failed.status = .abandoned
      _ = try journal.begin(failed)
      try journal.record(failed)
      #expect(try checks(scene) == [])
    }
  }
}
