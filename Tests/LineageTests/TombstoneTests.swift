import Lineage
import Rollout
import Testing

/// Rule 4: what the user deleted stays deleted.
struct TombstoneTests {
  @Test(arguments: [[1, 2], [1], [1, 2, 3]])
  func aDeletedConversationDoesNotComeBack(_ records: [Int]) {
    let decision = decide(thread(1, records), deleted: [thread(1, [1, 2])])
    #expect(decision.classification == .unchanged && decision.detail == .deletedLocally)
    #expect(decision.candidate == nil && decision.matchedBy == nil)
  }

  @Test func aCopyUnderAnotherIDIsDeletedToo() {
    #expect(decide(thread(2, [1, 2, 3]), deleted: [thread(1, [1, 2])]).detail == .deletedLocally)
  }

  @Test func whatWentAnotherWayBeforeTheEndWasNotDeleted() {
    let decision = decide(thread(2, [1, 3]), deleted: [thread(1, [1, 2])])
    #expect(decision.classification == .newLineage)
  }

  @Test func aThreadThatIsStillHereGoesOnAlthoughAShorterCopyWasDeleted() {
    let decision = decide(thread(2, [1, 2, 3]), over: [thread(2, [1, 2])], deleted: [thread(1, [1])])
    #expect(decision.classification == .fastForwardImport && decision.candidate == id(2))
  }

  @Test func aTombstoneWithMoreThanAnyThreadHereDecides() {
    let decision = decide(thread(2, [1, 2, 3]), over: [thread(3, [1])], deleted: [thread(1, [1, 2])])
    #expect(decision.detail == .deletedLocally)
  }

  @Test func whatAThreadHereHoldsIsNotDeleted() {
    let decision = decide(thread(2, [1, 2]), over: [thread(3, [1, 2, 3])], deleted: [thread(1, [1, 2])])
    #expect(decision.detail == .localAhead && decision.candidate == id(3))
  }

  @Test func aRewoundLineThatWasDeletedWithItsThreadCountsToo() {
    let deleted = thread(1, [1, 4], segments: [[1, 2, 3]])
    #expect(decide(thread(2, [1, 2]), deleted: [deleted]).detail == .deletedLocally)
  }

  @Test func aThreadDeletedBeforeItsFirstRecordBuriesNothing() {
    #expect(decide(thread(1, [1]), deleted: [thread(1, [])]).classification == .newLineage)
  }

  @Test func aDeletedForkDoesNotBuryTheThreadItWasForkedFrom() {
    let fork = thread(2, [1, 2], fork: true)
    #expect(decide(thread(1, [1, 2]), deleted: [fork]).classification == .newLineage)
    #expect(decide(fork, deleted: [thread(1, [1, 2])]).classification == .newLineage)
    #expect(decide(fork, deleted: [fork]).detail == .deletedLocally)
  }

  @Test func aBranchOfADeletedClosedThreadIsInReachByItsRoot() throws {
    let branch = thread(3, [1, 2, 3], marker: try marker(root: 2, closed: true))
    #expect(decide(branch, deleted: [thread(2, [1, 2], fork: true)]).detail == .deletedLocally)
  }

  @Test func aNewConversationDoesNotTakeTheIDOfADeletedThread() throws {
    // Under its own id it would end the tombstone, and the second delivery would bring back what was deleted.
    var reconciliation = Reconciliation(
      threads: [], tombstones: [thread(1, [1, 2])],
      surroundings: .init(
        isTaken: { _ in false }, isDeleted: { $0 == id(1) }, isBlocked: { _, _ in false },
        time: { _, _ in 0 },
        importsCollisions: false, origin: nil))
    let outcome = try #require(reconciliation.outcomes(of: [thread(1, [1, 3])]).first)
    #expect(outcome.decision.classification == .newLineage && outcome.isWritten)
    #expect(outcome.target != id(1) && outcome.marker?.rootThread == id(1))
  }

  @Test func theMappingBreaksTiesBehindTheIDOnly() {
    let local = [thread(2, [1], created: 1), thread(3, [1], created: 2)]
    let classifier = Classifier(threads: local)
    #expect(classifier.decide(thread(1, [1, 2])).candidate == id(2))
    #expect(classifier.decide(thread(1, [1, 2]), mapped: id(3)).candidate == id(3))
    #expect(classifier.decide(thread(2, [1, 2]), mapped: id(3)).candidate == id(2))
  }

  private func decide(
    _ incoming: LineageThread, over local: [LineageThread] = [], deleted: [LineageThread]
  ) -> Decision {
    Classifier(threads: local, tombstones: deleted).decide(incoming)
  }
}
