import Lineage
import Rollout
import Testing

struct ReconciliationTests {
  @Test func outcomesKeepTheOrderOfTheSessions() {
    let sessions = [thread(1, [1]), thread(2, [2, 3]), thread(3, [4, 5, 6])]
    #expect(World().outcomes(of: sessions).map(\.target) == sessions.map(\.id))
    #expect(World().outcomes(of: []).isEmpty)
  }

  @Test func theLongestHistoryGoesFirst() throws {
    var world = World(thread(1, [1]))
    let outcomes = try world.receive(thread(2, [1, 2]), thread(3, [1, 2, 3]), thread(1, [1]))
    #expect(outcomes.map(\.isWritten) == [false, true, false])
    #expect(outcomes.map(\.decision.detail) == [.localAhead, nil, .localAhead])
    #expect(outcomes.map(\.target) == [id(1), id(1), id(1)])
    #expect(world.threads.map(\.head) == [history(1, 2, 3)])
  }

  @Test func twoCopiesOfOneNewHistoryBecomeOneThread() throws {
    var world = World()
    let outcomes = try world.receive(thread(1, [1, 2]), thread(2, [1, 2]))
    #expect(outcomes.map(\.isWritten) == [true, false])
    #expect(outcomes.map(\.target) == [id(1), id(1)])
  }

  @Test func twoClosedThreadsWithOneHistoryStayTwo() throws {
    var world = World()
    try world.receive(thread(1, [1, 2], fork: true), thread(2, [1, 2], fork: true))
    #expect(world.threads.count == 2)
  }

  /// The complete copy goes first: else the second delivery would complete what the first one wrote.
  @Test(arguments: [true, false], [[], [1], [1, 2]])
  func ofTwoCopiesTheOneWithoutAnOpenTurnIsTaken(_ openFirst: Bool, _ local: [Int]) throws {
    let open = thread(1, [1, 2], turns: .init(open: "t"))
    let ended = thread(2, [1, 2], turns: .init(ended: "t"))
    let sessions = openFirst ? [open, ended] : [ended, open]
    var world = World(threads: local.isEmpty ? [] : [thread(1, local, turns: .init(open: "t"))])
    try world.apply(world.outcomes(of: sessions), of: sessions)
    #expect(world.threads.map(\.turns) == [.init(ended: "t")])
    #expect(world.outcomes(of: sessions).allSatisfy { !$0.isWritten && $0.decision.detail == .identical })
  }

  @Test func aThreadCompletedByOneSessionIsIdenticalToTheNext() throws {
    var world = World(thread(1, [1], turns: .init(open: "t")))
    let outcomes = try world.receive(
      thread(1, [1], turns: .init(ended: "t")), thread(2, [1], turns: .init(ended: "t")))
    #expect(outcomes.map(\.decision.detail) == [.completesTurn, .identical])
  }

  @Test func aBlockedSessionLeavesTheStateAsItIs() throws {
    var world = World(thread(1, [1]))
    world.isBlocked = { index, _ in index == 0 }
    let outcomes = try world.receive(thread(1, [1, 2, 3]), thread(1, [1, 2]))
    #expect(outcomes.map(\.isWritten) == [false, true])
    #expect(outcomes[0].decision.classification == .fastForwardImport && outcomes[0].target == id(1))
    #expect(world.threads.map(\.head) == [history(1, 2)])
  }

  @Test func aBlockedNewThreadIsNowhere() throws {
    var world = World()
    world.isBlocked = { index, _ in index == 0 }
    let outcomes = try world.receive(thread(1, [1, 2]), thread(2, [1]))
    #expect(outcomes.map(\.target) == [nil, id(2)])
  }

  @Test func whatIsBlockedIsDecidedAgainBehindWhatTookItsPlace() throws {
    var world = World(thread(1, [1]))
    world.isBlocked = { $0 == 0 && $1.classification == .fastForwardImport }
    let outcomes = try world.receive(thread(2, [1, 2, 3]), thread(1, [1, 4]))
    #expect(outcomes.map(\.decision.classification) == [.divergedLineage, .fastForwardImport])
    #expect(outcomes.map(\.target) == [id(2), id(1)])
  }

  @Test func aBusyThreadIsNotReplacedByTheNextBest() throws {
    var world = World(thread(1, [1, 2]), thread(2, [1]))
    world.isBlocked = { index, _ in index == 0 }
    let outcome = try world.receive(thread(1, [1, 2, 3]))[0]
    #expect(!outcome.isWritten && outcome.target == id(1))
  }

  @Test func aDivergedSessionKeepsAFreeID() throws {
    let root = try marker(root: 5)
    let outcome = World(thread(1, [1, 3])).outcomes(of: [thread(2, [1, 2], marker: root)])[0]
    #expect(outcome.target == id(2) && outcome.marker == root)
    #expect(World(thread(1, [1, 3])).outcomes(of: [thread(2, [1, 2])])[0].marker == nil)
  }

  @Test func aDivergedSessionWithATakenIDGetsADerivedOneAndAMarker() throws {
    let outcome = World(thread(1, [1, 2, 3])).outcomes(of: [thread(1, [1, 2, 4])])[0]
    let expected = DerivedID.make(
      milliseconds: 1_800_000_000_002, root: id(1), common: history(1, 2).prefixDigest(2),
      tail: history(4).digests[0], isTaken: { _ in false })
    #expect(outcome.target == expected)
    let marker = try #require(outcome.marker)
    #expect(marker.lineageKey == history(1).lineageKey && marker.rootThread == id(1) && marker.common == 2)
    #expect(marker.rootOrigin == "there" && !marker.isClosed)
  }

  @Test func aBranchOfABranchKeepsTheMarkerUnchanged() throws {
    let root = try marker(root: 5, common: 1, closed: true)
    let world = World(thread(2, [1, 2, 3], marker: root))
    let outcome = world.outcomes(of: [thread(2, [1, 2, 4], marker: root)])[0]
    #expect(outcome.target != id(2) && outcome.marker == root)
  }

  @Test func aBranchOfAClosedRootSaysSo() throws {
    let outcome = World(thread(1, [1, 3], fork: true)).outcomes(of: [thread(1, [1, 2], fork: true)])[0]
    #expect(try #require(outcome.marker).isClosed)
  }

  @Test func theBranchOfAClosedRootIsNotMistakenForTheBranchOfAnOpenOne() throws {
    var world = World(thread(1, [1, 3]), thread(2, [1, 4], fork: true))
    try world.receive(thread(1, [1, 2]), thread(2, [1, 2], fork: true))
    #expect(world.threads.count == 4)
    let again = world.outcomes(of: [thread(1, [1, 2, 5]), thread(2, [1, 2, 6], fork: true)])
    #expect(again.map(\.target) == [world.threads[2].id, world.threads[3].id])
  }

  @Test func aCollisionIsOnlyReported() throws {
    var world = World(thread(1, [2]))
    let outcome = try world.receive(thread(1, [1]))[0]
    #expect(outcome.decision.classification == .idCollisionUnrelated)
    #expect(outcome.target == nil && !outcome.isWritten)
  }

  @Test func aCollisionIsImportedUnderADerivedIDOnRequest() throws {
    var world = World(thread(1, [2]))
    world.importsCollisions = true
    let outcome = try world.receive(thread(1, [1]))[0]
    #expect(outcome.isWritten && outcome.target != id(1))
    #expect(outcome.marker?.rootThread == id(1) && outcome.marker?.common == 0)
    #expect(try world.receive(thread(1, [1]))[0].decision.detail == .identical)
  }

  /// A collision that is decided again continues a thread which is itself only planned.
  ///
  /// It is made in place of that one: not both under one id, and not two of which one is the other's beginning.
  @Test func aResolvedCollisionTakesThePlaceOfAThreadThatIsOnlyPlanned() throws {
    var world = World(thread(2, [9]))
    let sessions = [thread(2, [1, 2, 3]), thread(1, [1, 2])]
    let outcomes = world.outcomes(of: sessions)
    try world.apply(outcomes, of: sessions)
    #expect(outcomes.map(\.decision.classification) == [.divergedLineage, .unchanged])
    #expect(outcomes.map(\.target) == [id(1), id(1)])
    #expect(world.holds(history(1, 2, 3)) && world.threads.count == 2)
    #expect(world.outcomes(of: sessions).allSatisfy { !$0.isWritten })
  }
}
