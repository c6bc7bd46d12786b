import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// What is remembered between runs, and what is not without a sidecar.
struct MemoryTests {
  private let thread = Sample.thread(1)
  private let other = Sample.thread(2)

  @Test func whatWasDeletedHereStaysDeleted() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.delete(thread)
      let before = try HomeSnapshot(scene.home)
      let grown = Sample.talk("one", "two")
      for (name, copy) in [("again", Sample.talk("one")), ("grown", grown)] {
        let result = try scene.sync(try scene.package(name, copy))
        #expect(result.plan.sessions[0].detail == .deletedLocally && result.transaction == nil)
        #expect(result.plan.sessions[0].localThreadID == nil)
      }
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }

  /// Found by the simulation, seed 13548: the base of the older segment was not where a run looked for it.
  @Test func whatWasRewoundStaysKnownThoughItsBaseWasOnceOutOfReach() throws {
    try Scene.play { scene in
      let base = Sample.talk("one", thread: other)
      let place = try scene.home.add(base)
      try scene.home.add(base.continued(as: thread))
      try scene.home.add(ThreadSample(TranscriptBuilder(thread, segment: Sample.thread(9), seconds: 900)))
      try DurableFile.remove(place)
      try scene.sync(try scene.package("stranger", Sample.talk("else", thread: Sample.thread(3))))
      try DurableFile.replace(place, with: base.bytes)
      var fork = TranscriptBuilder(thread, extra: [("forked_from_id", .string(other.text))])
      fork.lines += base.lines.dropFirst()
      let session = try scene.plan(try scene.package("again", fork)).sessions[0]
      #expect(session.classification == .unchanged && session.detail == .known)
    }
  }

  @Test func whatNobodyDeliveredIsRememberedToo() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("mine", thread: other))
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.delete(other)
      let back = try scene.plan(try scene.package("back", Sample.talk("mine", "more", thread: other)))
      #expect(back.sessions[0].detail == .deletedLocally)
    }
  }

  @Test func whatWasHandedOverAndThenDeletedDoesNotComeBack() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"))
      _ = try scene.packup("away")
      try scene.delete(thread)
      let back = try scene.plan(try scene.package("back", Sample.talk("one", "two")))
      #expect(back.sessions[0].detail == .deletedLocally)
    }
  }

  @Test func whatWasDeletedComesBackWhenAskedFor() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try scene.delete(thread)
      var options = SyncOptions()
      options.restoresDeleted = true
      let package = try scene.package("grown", Sample.talk("one", "two"))
      let result = try scene.sync(package, options)
      #expect(result.plan.classifications == ["new_lineage"])
      #expect(result.plan.sessions[0].localThreadID == thread)
      // It is alive again: from now on it is a thread like any other.
      #expect(try scene.plan(package).sessions[0].detail == .identical)
      let more = try scene.plan(try scene.package("more", Sample.talk("one", "two", "three")))
      #expect(more.classifications == ["fast_forward_import"])
    }
  }

  @Test func aBranchIsNotPutUnderADeletedID() throws {
    try Scene.play { scene in
      // Deleted is the thread; a copy of its first turn is here under another id.
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      try scene.home.add(copy(Sample.talk("one", "mine"), as: other))
      try scene.sync(try scene.package("q", Sample.talk("zero", thread: Sample.thread(3))))
      try scene.delete(thread)
      let session = try scene.plan(try scene.package("d", Sample.talk("one", "else"))).sessions[0]
      #expect(session.classification == .divergedLineage && session.localThreadID != thread)
    }
  }

  @Test func aThreadWhoseFileIsGoneWhileItsRowStandsIsRestored() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      try DurableFile.remove(try #require(try scene.file(thread)))
      let result = try scene.sync(package)
      #expect(result.plan.classifications == ["new_lineage"])
      #expect(try scene.home.row(thread)?["rollout_path"]?.string == scene.file(thread)?.string)
    }
  }

  @Test func whereTheCatalogueCannotBeReadNothingCountsAsDeleted() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      try DurableFile.remove(try #require(try scene.file(thread)))
      try DurableFile.replace(scene.home.catalogue, with: Array("garbage".utf8))
      #expect(try scene.plan(package).classifications == ["new_lineage"])
    }
  }

  @Test func whatARollbackTookAwayWasNotDeleted() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      try scene.rollback()
      #expect(try scene.plan(package).classifications == ["new_lineage"])
    }
  }

  @Test func aDeletionStandsAlthoughItsImportIsRolledBackLater() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"), Sample.talk("kept", thread: other))
      try scene.sync(package)
      try scene.delete(thread)
      try scene.rollback()
      #expect(try scene.plan(package).classifications == ["unchanged", "new_lineage"])
    }
  }

  @Test func withoutASidecarOnlyDeletionsAreForgotten() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one"), Sample.talk("kept", thread: other)))
      try scene.delete(thread)
      let again = try scene.package("again", Sample.talk("one"), Sample.talk("kept", "more", thread: other))
      let known = try scene.plan(again)
      try DurableFile.remove(scene.sidecar)
      let unknown = try scene.plan(again)
      #expect(known.classifications == ["unchanged", "fast_forward_import"])
      #expect(unknown.classifications == ["new_lineage", "fast_forward_import"])
    }
  }

  @Test func aThreadThatLostRecordsIsCalledDamagedAndHealed() throws {
    try Scene.play { scene in
      let whole = Sample.talk("one", "two")
      let package = try scene.package("p", whole)
      try scene.sync(package)
      let file = try #require(try scene.file(thread))
      let kept = try file.lines().prefix(Sample.talk("one").lines.count)
      try DurableFile.replace(file, with: kept.flatMap { $0 + [0x0A] })
      try scene.sync(try scene.package("q", Sample.talk("other", thread: other)))
      let result = try scene.sync(package)
      #expect(result.plan.classifications == ["fast_forward_import"])
      #expect(result.plan.sessions[0].warnings.contains { $0.code == .localShrunk })
      let healed = try scene.plan(package)
      #expect(healed.isEmpty && !healed.sessions[0].warnings.contains { $0.code == .localShrunk })
    }
  }

  @Test func anOlderPackageOfTheSameOriginIsCalledShorter() throws {
    try Scene.play { there in
      try Scene.play { here in
        try there.home.add(Sample.talk("one"))
        _ = try there.packup("old")
        try there.home.add(Sample.talk("one", "two"))
        _ = try there.packup("new")
        try here.sync(there.root.appending("new"))
        let session = try here.plan(there.root.appending("old")).sessions[0]
        #expect(session.detail == .localAhead)
        #expect(session.warnings.contains { $0.code == .incomingShrunk })
        let current = try here.plan(there.root.appending("new")).sessions[0]
        #expect(!current.warnings.contains { $0.code == .incomingShrunk })
      }
    }
  }

  @Test(arguments: [true, false])
  func whatTheUserSaidOfAnOriginsPathsIsRemembered(_ hasSidecar: Bool) throws {
    try Scene.play { there in
      try Scene.play { here in
        try there.home.add(Sample.talk("one", cwd: "/far/work"))
        _ = try there.packup("first")
        var options = SyncOptions()
        options.maps = [.init(from: "/far", to: "/near")]
        try here.sync(there.root.appending("first"), options)
        try there.home.add(Sample.talk("two", thread: other, cwd: "/far/other"))
        _ = try there.packup("second")
        if !hasSidecar { try DurableFile.remove(here.sidecar) }
        let plan = try here.plan(there.root.appending("second"))
        #expect(plan.entry(other)?.localCwd == "/near/other")
      }
    }
  }

  @Test func aHomeRestoredFromABackupHasDeletedNothing() throws {
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try scene.sync(package)
      // The backup is older than the delivery; of `session-sync` it brought back all but the sidecar.
      try scene.delete(thread)
      try Folder.removeTree(scene.home.root.pushing("session-sync/journal"))
      #expect(try scene.plan(package).classifications == ["new_lineage"])
    }
  }

  private func copy(_ transcript: TranscriptBuilder, as thread: ThreadID) throws -> ThreadSample {
    var copy = TranscriptBuilder(thread, format: transcript.format, cwd: transcript.cwd)
    copy.lines = copy.lines + transcript.lines.dropFirst(copy.lines.count)
    return ThreadSample(copy)
  }
}

/// Notes say what reading would say.
struct NoteTests {
  private let thread = Sample.thread(1)

  @Test(arguments: SessionMeta.Format.all)
  func theNotesOfWhatWasWrittenAreWhatReadingGives(_ format: SessionMeta.Format) throws {
    try Scene.play { scene in
      let first = Sample.talk("one", format: format)
      try scene.sync(try scene.package("new", first, Sample.talk("apart", thread: Sample.thread(2))))
      try scene.check()
      try scene.sync(try scene.package("grown", first.and("two")))
      try scene.check()
      try scene.sync(try scene.package("other", first.and("else")))
      try scene.check()
      try scene.rollback()
      try scene.check()
      #expect(try scene.local().entries.count == 2)
    }
  }

  @Test func aCompressedThreadIsNotedAsItIsAfterTheAppend() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one"), isCompressed: true)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      try scene.check()
    }
  }

  @Test func aThreadThatWentOnIsReadAgain() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let file = try #require(try scene.file(thread))
      let more = Sample.talk("one", "two").lines.dropFirst(Sample.talk("one").lines.count)
      try DurableFile.replace(file, with: try FileReading.bytes(of: file) + more.flatMap { $0 + [0x0A] })
      let local = try scene.local()
      let entry = try #require(local.entries[thread])
      #expect(!local.memory.isFresh(entry))
      let whole = try scene.plan(try scene.package("whole", Sample.talk("one", "two")))
      #expect(whole.sessions[0].detail == .identical)
    }
  }
}

extension Scene {
  fileprivate var sidecar: FilePath { home.root.pushing("session-sync/sidecar.sqlite") }

  /// What `thread/delete` of Codex takes away.
  fileprivate func delete(_ thread: ThreadID) throws {
    if let file = try file(thread) { try DurableFile.remove(file) }
    try home.execute("DELETE FROM threads WHERE id = '\(thread)'")
  }

  fileprivate func local() throws -> LocalThreads {
    try LocalThreads(try home.open(), try surroundings)
  }

  /// Holds every note against what reading the thread's files gives.
  fileprivate func check(_ location: SourceLocation = #_sourceLocation) throws {
    let noted = try local()
    let notes = try noted.entries.values.sorted { $0.id < $1.id }.map { entry in
      #expect(noted.memory.isFresh(entry), "\(entry.id)", sourceLocation: location)
      return try #require(try noted.load(entry.id)).note
    }
    let aside = root.appending("sidecar-aside")
    try DurableFile.move(sidecar, to: aside)
    let read = try local()
    for note in notes {
      let fresh = try #require(try read.load(note.thread.id)).note
      #expect(fresh == note, "\(note.thread.id)", sourceLocation: location)
    }
    try DurableFile.move(aside, to: sidecar)
  }
}
