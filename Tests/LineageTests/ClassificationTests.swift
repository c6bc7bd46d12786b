import Lineage
import Rollout
import Testing

/// The table of the design, row by row, in its order.
struct ClassificationTests {
  private func expect(
    _ decision: Decision, _ classification: Classification, _ detail: ClassificationDetail? = nil,
    candidate: Int? = nil, common: Int = 0, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(decision.classification == classification, sourceLocation: location)
    #expect(decision.detail == detail, sourceLocation: location)
    #expect(decision.candidate == candidate.map(id), sourceLocation: location)
    #expect(decision.common == common, sourceLocation: location)
  }

  // Row 1

  @Test func equalHistoriesAreIdentical() {
    expect(
      decide(thread(1, [1, 2]), over: [thread(1, [1, 2])]), .unchanged, .identical, candidate: 1, common: 2)
    expect(
      decide(thread(1, [1, 2]), over: [thread(2, [1, 2])]), .unchanged, .identical, candidate: 2, common: 2)
  }

  @Test func aBeginningOfALocalHistoryIsLocalAhead() {
    expect(
      decide(thread(1, [1]), over: [thread(1, [1, 2])]), .unchanged, .localAhead, candidate: 1, common: 1)
  }

  @Test func anEqualThreadIsNamedBeforeOneThatIsAhead() {
    let local = [thread(1, [1, 2]), thread(2, [1])]
    expect(decide(thread(1, [1]), over: local), .unchanged, .identical, candidate: 2, common: 1)
  }

  @Test func theEndOfAnOpenTurnCompletesIt() {
    let open = thread(1, [1, 2], turns: .init(open: "t"))
    let ended = thread(1, [1, 2], turns: .init(ended: "t"))
    expect(decide(ended, over: [open]), .fastForwardImport, .completesTurn, candidate: 1, common: 2)
  }

  @Test(arguments: [
    (LineageThread.Turns(open: "t"), LineageThread.Turns(open: "t")),
    (.init(open: "t"), .init(ended: "other")),
    (.init(open: "t"), .init(open: "u", ended: "t")), (.init(ended: "t"), .init(ended: "t")),
    (.init(ended: "t"), .init(open: "t")), (.init(open: "t"), .init()),
  ])
  func aTurnIsOnlyCompletedByItsOwnEnd(_ local: LineageThread.Turns, _ incoming: LineageThread.Turns) {
    let decision = decide(thread(1, [1], turns: incoming), over: [thread(1, [1], turns: local)])
    expect(decision, .unchanged, .identical, candidate: 1, common: 1)
  }

  @Test func anOpenTurnBehindALongerLocalHistoryIsNotCompleted() {
    let local = thread(1, [1, 2], turns: .init(open: "t"))
    expect(
      decide(thread(1, [1], turns: .init(ended: "t")), over: [local]), .unchanged, .localAhead, candidate: 1,
      common: 1)
  }

  // Row 2

  @Test func aBeginningOfARewoundSegmentIsKnown() {
    let local = thread(1, [1, 5], segments: [[1, 2, 3]])
    expect(decide(thread(1, [1, 2]), over: [local]), .unchanged, .known, candidate: 1, common: 1)
    expect(decide(thread(1, [1, 2, 3]), over: [local]), .unchanged, .known, candidate: 1, common: 1)
  }

  @Test func whatIsKnownIsNotAppendedToAnotherCandidate() {
    let local = [thread(1, [1, 5], segments: [[1, 2]]), thread(2, [1])]
    expect(decide(thread(3, [1, 2]), over: local), .unchanged, .known, candidate: 1, common: 1)
  }

  // Row 3

  @Test func aSessionWithoutHistoryIsEmpty() {
    expect(decide(thread(1, []), over: []), .unchanged, .empty)
    expect(decide(thread(1, []), over: [thread(2, [1])]), .unchanged, .empty)
    #expect(decide(thread(1, []), over: [thread(1, [1])]).classification == .unchanged)
    #expect(decide(thread(1, []), over: [thread(1, [])]).classification == .unchanged)
  }

  // Row 5

  @Test func anyBeginningIsContinued() {
    expect(decide(thread(1, [1, 2]), over: [thread(1, [1])]), .fastForwardImport, candidate: 1, common: 1)
    expect(decide(thread(1, [1, 2]), over: [thread(2, [1])]), .fastForwardImport, candidate: 2, common: 1)
    expect(decide(thread(1, [1, 2]), over: [thread(1, [])]), .fastForwardImport, candidate: 1, common: 0)
  }

  @Test func theLongestBeginningIsContinuedWhateverItsID() {
    let local = [thread(1, [1]), thread(2, [1, 2]), thread(3, [1, 2, 9])]
    expect(decide(thread(1, [1, 2, 3]), over: local), .fastForwardImport, candidate: 2, common: 2)
  }

  @Test func aThreadThatWasRewoundBehindTheBeginningIsNotContinued() {
    let rewound = thread(1, [1], segments: [[1, 2]])
    expect(decide(thread(1, [1, 2, 3]), over: [rewound]), .divergedLineage, candidate: 1, common: 1)
    expect(
      decide(thread(1, [1, 2, 3]), over: [rewound, thread(2, [1])]), .fastForwardImport, candidate: 2,
      common: 1)
  }

  @Test func aThreadThatWasRewoundElsewhereIsContinued() {
    let local = thread(1, [1, 2], segments: [[1, 7], [1, 2, 8]])
    expect(decide(thread(1, [1, 2, 3]), over: [local]), .fastForwardImport, candidate: 1, common: 2)
  }

  // Row 6

  @Test func twoContinuationsDiverge() {
    expect(decide(thread(1, [1, 2]), over: [thread(1, [1, 3])]), .divergedLineage, candidate: 1, common: 1)
  }

  @Test func divergenceIsToldFromTheCandidateWithMostInCommon() {
    let local = [thread(1, [1, 7]), thread(2, [1, 2, 8])]
    expect(decide(thread(1, [1, 2, 3]), over: local), .divergedLineage, candidate: 2, common: 2)
  }

  // Rows 7 and 8

  @Test func anotherConversationUnderTheSameIDIsACollision() {
    expect(decide(thread(1, [1]), over: [thread(1, [2])]), .idCollisionUnrelated)
  }

  @Test func aCandidateUnderAnotherIDComesBeforeACollision() {
    let local = [thread(1, [2]), thread(3, [1])]
    expect(decide(thread(1, [1, 2]), over: local), .fastForwardImport, candidate: 3, common: 1)
  }

  @Test func whatNothingHereBeginsWithIsNew() {
    expect(decide(thread(1, [1]), over: []), .newLineage)
    expect(decide(thread(1, [1]), over: [thread(2, [2, 1])]), .newLineage)
  }
}

/// Which of several equally good candidates is taken.
struct TieTests {
  @Test func theSameIDBeatsTheSameRoot() throws {
    let branch = thread(2, [1], marker: try marker(root: 5))
    let same = thread(3, [1], created: 9)
    let decision = decide(thread(3, [1, 2], marker: try marker(root: 5)), over: [branch, same])
    #expect(decision.candidate == id(3) && decision.matchedBy == .threadID)
  }

  @Test func theSameRootBeatsAnOlderThread() throws {
    let branch = thread(2, [1], marker: try marker(root: 1), created: 9)
    let decision = decide(thread(1, [1, 2]), over: [branch, thread(3, [1], created: 1)])
    #expect(decision.candidate == id(2) && decision.matchedBy == .root)
  }

  @Test func theOldestIsTakenAmongStrangers() {
    let decision = decide(thread(9, [1, 2]), over: [thread(2, [1], created: 2), thread(3, [1], created: 1)])
    #expect(decision.candidate == id(3) && decision.matchedBy == .history)
  }

  @Test func threadsOfOneAgeAreTakenByID() {
    #expect(decide(thread(9, [1, 2]), over: [thread(3, [1]), thread(2, [1])]).candidate == id(2))
  }

  @Test func withoutACandidateNothingIsMatched() {
    #expect(decide(thread(1, [1]), over: [thread(1, [2])]).matchedBy == nil)
  }
}
