import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One test for each defect that an attack on the whole program found, named after what went wrong.
struct RegressionTests {
  private let thread = Sample.thread(1)

  @Test func syncWaitedForEverForANewThreadWhoseLockIsHeld() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.holding("thread-writer-locks/\(thread).lock") {
        let plan = try scene.sync(package).plan
        #expect(plan.entry(thread)?.blockers.map(\.code) == [.busy])
      }
      #expect(try scene.sync(package).transaction != nil)
    }
  }

  @Test func rollbackTookTheRowOfAThreadThatItsUserHadRewound() throws {
    try Scene.play { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      var segment = TranscriptBuilder(thread, segment: Sample.thread(9), format: .paginated)
      segment.turn("another first question")
      try scene.home.add(segment)
      let done = try scene.rollback()
      #expect(done.transaction == nil && done.plan.kept.map(\.reason) == [.continued])
      #expect(try scene.home.row(thread) != nil)
    }
  }

  @Test func rollbackTookTheRowOfAThreadThatCodexHadCompressed() throws {
    try Scene.play { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      let file = try #require(try scene.file(thread))
      try ZstdFile.write(try FileReading.bytes(of: file), to: FilePath(file.string + ".zst"))
      try DurableFile.remove(file)
      let done = try scene.rollback()
      #expect(done.plan.kept.map(\.thread) == [thread])
      #expect(try scene.home.row(thread) != nil)
    }
  }

  @Test func rollbackLeftTheRowThatCodexMadeForAFileWithoutOne() throws {
    try Scene.play(hasCatalogue: false) { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      let file = try #require(try scene.file(thread))
      _ = try HomeBuilder(scene.home.root)
      try scene.home.insert(ThreadSample(Sample.talk("one")).row(path: file.string))
      let undone = try scene.rollback().plan
      #expect(
        undone.effects.contains { $0.reason == "made_by_codex" && $0.row?.contains(thread.text) == true })
      #expect(try scene.file(thread) == nil)
      #expect(try scene.home.row(thread) == nil)
    }
  }

  /// The delivery could not see the catalogue, the undoing can.
  @Test func anUndoingTookTheOlderRowOfAThreadThatWasCompressed() throws {
    try Scene.play { scene in
      let packed = try scene.home.add(Sample.talk("one"), isCompressed: true)
      let row = try scene.home.row(thread)
      let aside = scene.root.appending("aside")
      try DurableFile.move(scene.home.catalogue, to: aside)
      try scene.sync(scene.package("p", Sample.talk("one", "two")))
      try DurableFile.move(aside, to: scene.home.catalogue)
      try scene.rollback()
      #expect(try scene.file(thread) == packed)
      #expect(try scene.home.row(thread) == row && row != nil)
    }
  }

  @Test func anUndoingWithoutACatalogueCouldNotBeUndone() throws {
    try Scene.play { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      let undoing = try #require(try scene.rollback().transaction)
      try DurableFile.remove(scene.home.catalogue)
      let plan = try scene.rollback(.id(undoing)).plan
      #expect(plan.effects.compactMap(\.reason) == ["no_catalogue"])
      #expect(try scene.file(thread) != nil)
    }
  }

  @Test func twoToolsAtOnePositionMadeATransactionThatNothingCouldUndo() throws {
    try Scene.play { scene in
      var builder = try PackageBuilder(scene.root.appending("p"), ThreadSample(Sample.talk("one")))
      for name in ["first", "second"] {
        builder.tools.append([
          "thread_id": .string(thread.text), "position": 0, "name": .string(name), "description": "d",
          "input_schema": "{}",
        ])
      }
      builder.tools.append(["thread_id": .string(thread.text), "position": 1, "name": "bare"])
      let before = try HomeSnapshot(scene.home)
      try scene.sync(builder.write())
      let tools = try scene.home.query("SELECT name FROM thread_dynamic_tools ORDER BY position")
      #expect(tools.map { $0["name"] } == ["second", "bare"])
      try scene.rollback()
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  @Test func aClockSetBackHidThatATransactionWasUndone() throws {
    try Scene.play { scene in
      try scene.sync(scene.package("p", Sample.talk("one")))
      let today = try scene.surroundings
      let yesterday = Surroundings(
        localHome: today.localHome, scratch: today.scratch, now: Timestamp(milliseconds: 1000),
        entropy: today.entropy)
      _ = try Rollback(home: scene.home.open(), surroundings: yesterday).execute(.latest)
      #expect(try scene.transactions().map(\.status) == [.committed, .rolledBack])
      #expect(throws: SyncError.nothingToUndo) { try scene.rollback() }
    }
  }

  @Test func aConversationWhoseFirstMessageWasEditedWasNeverDelivered() throws {
    try Scene.play { sender in
      let first = Sample.talk("one")
      try sender.home.add(first)
      var edited = TranscriptBuilder(thread, segment: Sample.thread(9), format: .paginated, seconds: 500)
      edited.turn("one, in other words")
      try sender.home.add(edited)
      _ = try sender.packup("out")
      try Scene.play { receiver in
        try receiver.home.add(first)
        let package = sender.root.appending("out")
        #expect(try receiver.sync(package).plan.classifications == ["diverged_lineage"])
        #expect(try receiver.sync(package).transaction == nil)
      }
    }
  }

  @Test func aBranchThatCodexTookTheMarkerFromWasMadeOnceMore() throws {
    try Scene.play { scene in
      let (package, _) = try branchWithoutMarker(scene)
      #expect(try scene.sync(package).plan.classifications == ["unchanged"])
      #expect(try scene.packup("out").packed.count == 2)
    }
  }

  @Test func anUndoingForgotTheMarkerOfABranchThatStayed() throws {
    try Scene.play { scene in
      let (package, branch) = try branchWithoutMarker(scene, Sample.talk("new", thread: Sample.thread(5)))
      #expect(try scene.rollback().plan.kept.map(\.thread) == [branch])
      #expect(try scene.plan(package).classifications == ["unchanged", "new_lineage"])
    }
  }

  /// Delivers the other side of a fork, and takes the marker out of the branch's first record, as Codex does where it
  /// reverts or migrates a thread.
  private func branchWithoutMarker(
    _ scene: Scene, _ others: TranscriptBuilder...
  ) throws -> (package: FilePath, branch: ThreadID) {
    let sides = try ["mine", "theirs"].map { side in
      var fork = Sample.talk("one", side)
      fork.lines[0] = try forked(fork.lines[0])
      return fork
    }
    try scene.home.add(sides[0])
    let package = try PackageBuilder(scene.root.appending("p"), [sides[1]] + others).write()
    let branch = try #require(try scene.sync(package).plan.entry(thread)?.localThreadID)
    let file = try #require(try scene.file(branch))
    var lines = try file.lines()
    var record = try JSONValue(parsing: lines[0])
    record["payload"]?["codex_session_sync"] = .none
    lines[0] = record.bytes
    try DurableFile.replace(file, with: lines.map { $0 + [0x0A] }.reduce([], +))
    return (package, branch)
  }

  private func forked(_ line: [UInt8]) throws -> [UInt8] {
    var record = try JSONValue(parsing: line)
    record["payload"]?["forked_from_id"] = .string(Sample.thread(77).text)
    return record.bytes
  }

  @Test func oneOfTwoFilesOfOneThreadWasLeftOutWithoutAWord() throws {
    try Scene.play { scene in
      let builder = try PackageBuilder(scene.root.appending("p"), ThreadSample(Sample.talk("one")))
      let earlier = try #require(RolloutName(time: "2026-11-19T10-00-00", thread: thread))
      try builder.path.put("sessions/\(earlier.text)", Sample.talk("one", "longer").bytes)
      let plan = try scene.plan(builder.write())
      #expect(plan.sessions.map { $0.blockers.map(\.detail) } == [["several_rollouts"]])
    }
  }

  @Test func aForkWithAnUnreadableBaseCountedAsAWholeTranscript() throws {
    try Scene.play { scene in
      var fork = Sample.talk("one")
      var record = try JSONValue(parsing: fork.lines[0])
      record["payload"]?["history_base"] = ["thread_id": .string(Sample.thread(5).text)]
      fork.lines[0] = record.bytes
      let plan = try scene.plan(scene.package("p", fork))
      #expect(plan.sessions[0].blockers.map(\.code) == [.incompleteLineage])
    }
  }

  @Test func recoveryCutAThreadThatCodexHadLoaded() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      let package = try scene.package("p", Sample.talk("one", "two"))
      try scene.sync(package)
      let journal = Journal(root: scene.home.root.appending("session-sync").appending("journal"))
      var transaction = try #require(try journal.transactions().first)
      transaction.status = .prepared
      try journal.record(transaction)
      let file = try #require(try scene.file(thread))
      let before = try FileStamp.of(file)
      try scene.holding("thread-writer-locks/\(thread).lock") {
        let error = #expect(throws: SyncError.self) { _ = try Recover(home: scene.home.open()).run() }
        #expect(error?.busyThreads == [thread])
      }
      #expect(try FileStamp.of(file) == before)
    }
  }

  @Test func aTildeInSqliteHomeWasAFolderOfThatName() throws {
    let home = try HomeConfig(text: #"sqlite_home = "~/databases""#)
    #expect(home.sqliteHome == "~/databases")
    try Scene.play { scene in
      try scene.home.root.put("config.toml", #"sqlite_home = "~/databases""#)
      let opened = try CodexHome(scene.home.root, sqliteHome: nil, userHome: scene.user)
      #expect(try opened.databases() == scene.user.appending("databases"))
    }
  }

  @Test func aTranscriptWithoutTimesHadAnotherPlanDigestEachTime() throws {
    try Scene.play { scene in
      var talk = Sample.talk("one")
      talk.lines = try talk.lines.map { line in
        var record = try JSONValue(parsing: line)
        record["timestamp"] = .none
        record["payload"]?["timestamp"] = .none
        return record.bytes
      }
      let package = try scene.package("p", talk)
      #expect(try scene.plan(package).digest == scene.plan(package).digest)
    }
  }

  /// A home as a crash leaves it right after the new rollout got its name: the journal has it under another still.
  private func crashedWhilePlacing(_ scene: Scene) throws -> (rollout: FilePath, journalName: FilePath) {
    try scene.sync(scene.package("p", Sample.talk("one")))
    let file = try #require(try scene.file(thread))
    let journal = Journal(root: scene.home.root.appending("session-sync").appending("journal"))
    var transaction = try #require(try journal.transactions().first)
    transaction.status = .prepared
    try journal.record(transaction)
    let names = try journal.operations(of: transaction.id).compactMap { operation in
      if case .placeFile(_, let content) = operation { content.name } else { nil }
    }
    let name = journal.folder(of: transaction.id).appending(try #require(names.first))
    #expect(link(file.string, name.string) == 0)
    try scene.home.execute("DELETE FROM threads")
    return (file, name)
  }

  @Test func recoveryRemovedWhatTheUserWroteAfterACrash() throws {
    try Scene.play { scene in
      let (file, name) = try crashedWhilePlacing(scene)
      try DurableFile.appendLine(try #require(Sample.talk("one", "my work").lines.last), to: file)
      let work = try FileReading.bytes(of: file)
      #expect(try Recover(home: scene.home.open()).run().map(\.outcome) == [.kept])
      #expect(try FileReading.bytes(of: file) == work)
      #expect(try FileStamp.of(name) == nil)
    }
  }

  @Test func recoveryOfAnUntouchedNewFileTakesItBack() throws {
    try Scene.play { scene in
      let (file, name) = try crashedWhilePlacing(scene)
      #expect(try Recover(home: scene.home.open()).run().map(\.outcome) == [.undone])
      #expect(try FileStamp.of(file) == nil && FileStamp.of(name) == nil)
    }
  }

  @Test(arguments: [".session_index.jsonl.new", "session_index.jsonl"])
  func recoveryLeftAHalfWrittenIndex(_ leftover: String) throws {
    try Scene.play { scene in
      let before = try HomeSnapshot(scene.home)
      try scene.sync(scene.package("p", ThreadSample(Sample.talk("one"), columns: [("name", "N")])))
      let journal = Journal(root: scene.home.root.appending("session-sync").appending("journal"))
      var transaction = try #require(try journal.transactions().first)
      transaction.status = .prepared
      try journal.record(transaction)
      let index = scene.home.root.appending("session_index.jsonl")
      let line = try FileReading.bytes(of: index)
      try DurableFile.remove(index)
      try scene.home.root.put(leftover, Array(line.prefix(20)))
      #expect(try Recover(home: scene.home.open()).run().map(\.outcome) == [.undone])
      #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
    }
  }

  @Test func aDeliveredSubAgentWasNotTiedToItsParent() throws {
    try Scene.play { scene in
      try scene.home.execute(
        "CREATE TABLE IF NOT EXISTS thread_spawn_edges (parent_thread_id TEXT NOT NULL, "
          + "child_thread_id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL)")
      var child = Sample.talk("one", thread: Sample.thread(2))
      var record = try JSONValue(parsing: child.lines[0])
      record["payload"]?["source"] = [
        "subagent": ["thread_spawn": ["parent_thread_id": .string(thread.text), "depth": 1]]
      ]
      child.lines[0] = record.bytes
      try scene.sync(scene.package("p", Sample.talk("start"), child))
      let edges = try scene.home.query("SELECT * FROM thread_spawn_edges")
      #expect(edges.map { $0["parent_thread_id"]?.string } == [thread.text])
      try scene.rollback()
      #expect(try scene.home.query("SELECT * FROM thread_spawn_edges").isEmpty)
    }
  }
}
