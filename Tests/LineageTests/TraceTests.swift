import Lineage
import Testing

/// The minimal traces of the rule simulation, as far as they concern decisions without memory.
///
/// F3 is missing: it is about tombstones, which a sidecar remembers.
struct TraceTests {
  @Test func f1RevertedTurnsDoNotComeBack() throws {
    var world = World(thread(1, [1], segments: [[1, 2]]))
    let outcome = try world.receive(thread(1, [1, 2, 3]))[0]
    #expect(outcome.decision.classification == .divergedLineage)
    #expect(world.threads[0].head == history(1))
    #expect(world.holds(history(1, 2, 3)))
  }

  @Test func f2OlderSegmentsOfAnyCandidateCount() throws {
    let local = [thread(1, [1, 3]), thread(2, [1, 4], segments: [[1, 2]])]
    for marker in [nil, try marker(root: 1)] {
      let decision = decide(thread(1, [1, 2], marker: marker), over: local)
      #expect(decision.detail == .known)
    }
  }

  @Test func f4ABranchOfAForkIsNotAppendedToTheTrunk() throws {
    var world = World(thread(10, [1]))
    let branch = thread(3, [1, 2], marker: try marker(root: 2, closed: true))
    #expect(try world.receive(branch)[0].decision.classification == .newLineage)
    #expect(world.threads[0].head == history(1))
    #expect(try world.receive(branch)[0].decision.detail == .identical)
  }

  @Test func f4AForkAndItsBranchAreOneLineage() throws {
    var world = World(thread(10, [1]))
    let fork = thread(2, [1, 2], fork: true)
    let branch = thread(3, [1, 3], fork: true, marker: try marker(root: 2, closed: true))
    try world.receive(fork, branch)
    #expect(world.threads.map(\.id) == [id(10), id(2), id(3)])
    // The same history under the fork's own id is known by the branch.
    #expect(decide(thread(2, [1, 3], fork: true), over: world.threads).detail == .identical)
  }

  @Test func f4AForkThatDivergedIsBranchedOnce() throws {
    var world = World(thread(2, [1, 2], fork: true))
    let incoming = thread(2, [1, 3], fork: true)
    let outcome = try world.receive(incoming)[0]
    #expect(outcome.decision.classification == .divergedLineage)
    #expect(outcome.marker?.isClosed == true && outcome.marker?.rootThread == id(2))
    #expect(try world.receive(incoming)[0].decision.detail == .identical)
    #expect(try world.receive(thread(2, [1, 3, 4], fork: true))[0].decision.matchedBy == .root)
    #expect(world.threads.count == 2)
  }

  @Test func f5WhatWasTakenAwayIsDeliveredAgain() throws {
    var world = World(thread(1, [1]))
    #expect(try world.receive(thread(1, [1, 2]))[0].decision.classification == .fastForwardImport)
    world.threads = [thread(1, [1])]
    #expect(try world.receive(thread(1, [1, 2]))[0].decision.classification == .fastForwardImport)
  }

  @Test func f6TwoContinuationsInOnePackageAreNotInterleaved() throws {
    var world = World(thread(1, [1]))
    let outcomes = try world.receive(thread(1, [1, 4]), thread(2, [1, 2]))
    #expect(outcomes.map(\.decision.classification) == [.fastForwardImport, .divergedLineage])
    #expect(world.threads.map(\.head) == [history(1, 4), history(1, 2)])
  }

  @Test func f6TwoBranchesInOnePackageGetTwoIDs() throws {
    let first = thread(2, [1, 2], marker: try marker(root: 1))
    let second = thread(3, [1, 2, 4], marker: try marker(root: 1))
    var world = World(thread(1, [1, 9]), thread(2, [5]), thread(3, [6]))
    try world.receive(first, thread(3, [1, 7], marker: second.marker))
    #expect(Set(world.threads.map(\.id)).count == 5)
  }

  @Test func f7ATakenDerivedIDIsNotTakenForImported() throws {
    var world = World(thread(1, [1, 3]))
    let incoming = thread(1, [1, 2])
    let derived = try #require(world.outcomes(of: [incoming])[0].target)
    world.threads.append(LineageThread(id: derived, head: history(8)))
    try world.receive(incoming)
    #expect(world.threads.count == 3)
    #expect(world.holds(history(1, 2)))
  }

  @Test func f8AForkAndItsTrunkBranchUnderTwoIDs() throws {
    let world = World(thread(1, [1, 9]), thread(2, [1, 8], fork: true))
    let trunk = try #require(world.outcomes(of: [thread(1, [1, 2])])[0].target)
    let fork = try #require(world.outcomes(of: [thread(2, [1, 2], fork: true)])[0].target)
    #expect(trunk != fork)
  }

  @Test func f9ACollisionIsResolvedByAnotherSessionOfThePackage() throws {
    var world = World(thread(2, [9]))
    let sessions = [thread(2, [1]), thread(1, [1, 2])]
    let outcomes = world.outcomes(of: sessions)
    #expect(outcomes[0].decision.detail == .localAhead)
    try world.apply(outcomes, of: sessions)
    #expect(world.outcomes(of: sessions).allSatisfy { !$0.isWritten })
  }

  @Test func f10NothingInCommonIsNeverADivergence() throws {
    let branch = thread(2, [8], marker: try marker(root: 1, key: 8))
    #expect(decide(thread(1, [1]), over: [branch]).classification == .newLineage)
    #expect(decide(thread(1, [1]), over: [thread(1, [8])]).classification == .idCollisionUnrelated)
  }

  @Test func f11AnOpenBranchIsFoundWithoutItsMarker() {
    let bare = thread(7, [1, 2])
    #expect(decide(thread(1, [1, 2]), over: [thread(1, [1, 3]), bare]).detail == .identical)
    #expect(decide(thread(7, [1, 2, 4]), over: [bare]).classification == .fastForwardImport)
  }

  @Test func f11AClosedBranchWithoutItsMarkerStaysAFork() {
    let bare = thread(7, [1, 2], fork: true)
    #expect(decide(thread(1, [1, 2, 3]), over: [bare]).classification == .newLineage)
    #expect(decide(thread(7, [1, 2, 3], fork: true), over: [bare]).classification == .fastForwardImport)
  }

  @Test func f12ASessionWithoutHistoryIsNeverWritten() throws {
    let forms = [
      thread(1, []), thread(1, [], segments: [[1, 2]]), thread(1, [], marker: try marker(root: 3)),
    ]
    let worlds = [
      World(), World(thread(1, [])), World(thread(1, [1, 2])), World(thread(3, [1])), World(thread(1, [8])),
    ]
    for form in forms {
      for world in worlds {
        let outcome = world.outcomes(of: [form])[0]
        #expect(!outcome.isWritten && outcome.decision.classification == .unchanged)
      }
    }
  }
}
