import Rollout
import Testing

@testable import Simulation

/// The minimal traces that broke earlier rules, with real files and three machines.
///
/// The world checks after each step that nothing is lost, invented or done twice; what is expected here beyond that is
/// how the program says it.
struct TraceTests {
  private let a = 0
  private let b = 1
  private let c = 2

  @Test func f1RewoundTurnsDoNotComeBack() throws {
    try play { world in
      let thread = try world.begin(a, turns: 2)
      try world.send(a, b)
      try world.rewind(a, thread, turns: 1)
      let kept = world.head(a, thread)
      try world.goOn(b, thread)
      #expect(try world.send(b, a).of(thread) == "diverged_lineage branch")
      #expect(world.head(a, thread) == kept)
      #expect(world.views[a].threads.count == 2)
    }
  }

  @Test(arguments: [true, false]) func f2OlderSegmentsOfAnyThreadCount(isOurs: Bool) throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(a, b)
      let branch = try world.other(b, than: thread)
      try world.rewind(b, branch, turns: 1)
      try world.goOn(b, branch)
      #expect(try world.send(a, b, isOurs: isOurs).of(thread) == "unchanged known skip")
    }
  }

  @Test func f3ADeletionIsOfAHistoryNotOfAnID() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.send(a, c)
      try world.goOn(c, thread)
      try world.goOn(a, thread)
      try world.send(a, c)
      let branch = try world.other(c, than: thread)
      try world.delete(b, thread)
      let verdicts = try world.send(c, b)
      #expect(verdicts.of(thread) == "unchanged deleted_locally skip")
      #expect(verdicts.of(branch) == "unchanged deleted_locally skip")
    }
  }

  @Test func f3WhatWasNeverDeletedIsNotRefusedForItsID() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.open(b, thread)
      _ = try world.pack(b, isOurs: true)
      try world.delete(b, thread)
      #expect(try world.send(a, b).of(thread) == "new_lineage import")
      #expect(world.heads(b) == world.heads(a))
    }
  }

  /// Seeds 150 and 233: the id came alive with another line, and ended the memory of what was deleted under it.
  @Test func anotherLineUnderADeletedIDLeavesTheDeletionStanding() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(a, b)
      let branch = try world.other(b, than: thread)
      try world.delete(a, thread)
      let verdicts = try world.send(b, a)
      #expect(verdicts.of(branch) == "unchanged deleted_locally skip")
      #expect(world.views[a].threads[thread] == nil)
      #expect(world.heads(a) == [try #require(world.head(b, thread))])
    }
  }

  /// Seed 593: the file was lost already, so that undoing the import took only the row away.
  @Test func undoingAnImportWhoseFileWasLostIsNoDeletion() throws {
    try play(machines: 2) { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.lose(b, thread)
      try world.rollBack(b, try #require(try world.transactions(b).first))
      #expect(try world.send(a, b).of(thread) == "new_lineage import")
    }
  }

  /// Seed 2056: the undoing was to put its file where another one was by then, and failed.
  @Test func undoingAnUndoLeavesTheFileThatCameBackMeanwhile() throws {
    try play(machines: 2) { world in
      let thread = try world.begin(a)
      let parcel = try #require(try world.pack(a, isOurs: true))
      try world.deliver(parcel, to: b)
      try world.rollBack(b, try #require(try world.transactions(b).first))
      try world.transferInstall(parcel, on: b, localising: true)
      let installed = world.views[b].threads[thread]?.current.bytes
      try world.rollBack(b, try #require(try world.transactions(b).first))
      #expect(world.views[b].threads[thread]?.current.bytes == installed)
    }
  }

  /// Seed 6573: of the file nothing but its first line counted, and the note of the thread did not name it.
  @Test func aThreadIsReadAgainWhereAFileThatItRefersToChanged() throws {
    try play { world in
      let thread = try world.begin(a)
      let parcel = try #require(try world.pack(a, isOurs: true))
      try world.deliver(parcel, to: c)
      try world.rewind(c, thread, turns: 1)
      let fork = try world.fork(c, thread)
      try world.send(c, a)
      try world.transferInstall(parcel, on: c, localising: true)
      #expect(world.head(c, fork) == nil)
      #expect(try world.send(a, c).of(fork) == "unreadable blocked incomplete_lineage")
    }
  }

  @Test func f4ABranchOfAForkIsNotAppendedToTheTrunk() throws {
    try play { world in
      let trunk = try world.begin(a)
      let fork = try world.fork(a, trunk)
      try world.send(a, b)
      try world.send(a, c, only: [trunk])
      try world.goOn(a, fork)
      try world.goOn(b, fork)
      try world.send(a, b)
      let branch = try #require(world.views[b].threads.keys.first { $0 != trunk && $0 != fork })
      #expect(try world.send(b, c, only: [branch]).of(branch) == "new_lineage import")
      #expect(world.head(c, trunk) == world.head(a, trunk))
      // The fork's own line is in its branch already, or beside it, but never there twice.
      try world.send(a, c)
      try world.send(b, c)
      #expect(world.views[c].threads.count == 3)
    }
  }

  @Test func f5WhatARollbackTookAwayIsDeliveredAgain() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.send(a, b)
      try world.rollBack(b, try #require(try world.transactions(b).first))
      #expect(world.head(b, thread)?.count == 3)
      #expect(try world.send(a, b).of(thread) == "fast_forward_import append")
      #expect(world.head(b, thread) == world.head(a, thread))
    }
  }

  @Test func f6TwoContinuationsInOnePackageAreNotInterleaved() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.send(a, c)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(a, b)
      let verdicts = try world.send(b, c)
      #expect(Set(verdicts.map(\.description)) == ["fast_forward_import append", "diverged_lineage branch"])
      #expect(world.heads(c) == world.heads(b))
    }
  }

  @Test func f7ATakenDerivedIDIsNotTakenForImported() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(a, b)
      let branch = try world.other(b, than: thread)
      try world.rewind(b, branch, turns: 1)
      try world.goOn(a, thread)
      #expect(try world.send(a, b).of(thread) == "diverged_lineage branch")
      #expect(world.views[b].threads.count == 3)
    }
  }

  @Test func f8AForkAndItsTrunkBranchUnderTwoIDs() throws {
    try play { world in
      let trunk = try world.begin(a)
      let early = try #require(try world.pack(a, isOurs: true))
      try world.goOn(a, trunk)
      let fork = try world.fork(a, trunk, turns: 0)
      let late = try #require(try world.pack(a, isOurs: true))
      let source = try world.thread(a, trunk).current
      let cut = try #require(source.lines.firstIndex { $0.event == "task_complete" }) + 1
      try world.rewind(a, fork, lines: cut, of: source)
      try world.deliver(early, to: b)
      try world.send(a, b, only: [fork])
      try world.goOn(b, trunk)
      try world.goOn(b, fork)
      try world.deliver(late, to: b)
      #expect(world.views[b].threads.count == 4)
    }
  }

  @Test func f9ACollisionIsResolvedByAnotherSessionOfThePackage() throws {
    try play { world in
      // At C the id is taken by what B began anew under it.
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(b, a)
      let branch = try world.other(a, than: thread)
      try world.rewind(a, thread, turns: 1)
      try world.rewind(b, thread, lines: nil)
      try world.goOn(b, thread)
      try world.send(b, c, isOurs: false)
      let verdicts = try world.send(a, c)
      #expect(verdicts.of(branch) == "new_lineage import")
      #expect(verdicts.of(thread) == "unchanged local_ahead skip")
    }
  }

  @Test func whatMayNotContinueAThreadThatAnotherSessionContinuesIsABranch() throws {
    try play { world in
      let thread = try world.begin(a, .legacy)
      try world.send(a, b)
      try world.send(a, c)
      try world.goOn(a, thread, turns: 2)
      try world.tend(a, thread, "migrates") { try $0.migrate($1) }
      try world.goOn(c, thread)
      try world.send(a, c)
      let branch = try world.other(c, than: thread)
      let verdicts = try world.send(c, b)
      #expect(verdicts.of(thread) == "fast_forward_import append")
      #expect(verdicts.of(branch) == "diverged_lineage branch")
    }
  }

  @Test func whatGoesOnFromAThreadThatIsOnlyPlannedTakesItsPlace() throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      let sent = try #require(try world.pack(b, isOurs: true))
      try world.deliver(sent, to: a)
      let branch = try world.other(a, than: thread)
      try world.transferInstall(sent, on: a, localising: true)
      try world.goOn(a, thread)
      try world.rewind(b, thread, lines: nil)
      try world.goOn(b, thread)
      try world.send(b, c, isOurs: false)
      let verdicts = try world.send(a, c)
      #expect(verdicts.of(branch) == "unchanged local_ahead skip")
      #expect(verdicts.of(thread) == "diverged_lineage branch")
      #expect(world.views[c].threads.count == 2)
    }
  }

  @Test(arguments: [true, false]) func f10NothingInCommonIsNeverADivergence(isSidecarLost: Bool) throws {
    try play { world in
      let thread = try world.begin(a)
      try world.send(a, b)
      try world.rewind(a, thread, lines: nil)
      try world.goOn(a, thread)
      if isSidecarLost { try world.loseSidecar(b) }
      #expect(try world.send(a, b, isOurs: false).of(thread) == "id_collision_unrelated skip")
    }
  }

  @Test func f11AnOpenBranchIsFoundWithoutItsMarker() throws {
    try play { world in
      let thread = try world.begin(a, .legacy)
      try world.send(a, b)
      try world.goOn(a, thread)
      try world.goOn(b, thread)
      try world.send(a, b)
      let branch = try world.other(b, than: thread)
      try world.tend(b, branch, "migrates") { try $0.migrate($1) }
      try world.loseSidecar(b)
      #expect(try world.send(a, b).of(thread) == "unchanged identical skip")
      #expect(try world.send(b, a, isOurs: false).of(branch) == "unchanged identical skip")
    }
  }

  @Test func f11ABranchOfAForkKeepsItsRootWithoutItsMarker() throws {
    try play { world in
      let trunk = try world.begin(a)
      let fork = try world.fork(a, trunk)
      try world.send(a, b)
      try world.goOn(a, fork)
      try world.goOn(b, fork)
      try world.send(a, b)
      let branch = try #require(world.views[b].threads.keys.first { $0 != trunk && $0 != fork })
      try world.goOn(b, branch, turns: 2)
      try world.rewind(b, branch, turns: 1)
      #expect(!world.views[b].threads[branch]!.current.hasMarker)
      try world.loseSidecar(b)
      #expect(try world.send(b, a).of(branch) == "fast_forward_import append")
      #expect(try world.send(a, b).of(fork) == "unchanged identical skip")
    }
  }

  @Test(arguments: [true, false]) func f12ASessionWithoutHistoryIsNeverWritten(isOurs: Bool) throws {
    try play { world in
      let thread = try world.begin(a)
      try world.rewind(a, thread, lines: nil)
      #expect(try world.send(a, b, isOurs: isOurs).of(thread) == "unchanged empty skip")
      try world.begin(b)
      #expect(try world.send(a, b, isOurs: isOurs).of(thread) == "unchanged empty skip")
      #expect(world.views[b].threads.count == 1)
    }
  }
}
