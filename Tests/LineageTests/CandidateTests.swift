import Lineage
import Testing

struct CandidateTests {
  private func candidates(_ incoming: LineageThread, _ local: LineageThread...) -> [LineageThread] {
    Classifier(threads: local).candidates(for: incoming)
  }

  @Test func openThreadsAreMatchedByTheirFirstRecord() {
    let local = thread(2, [1, 5])
    #expect(candidates(thread(1, [1, 2]), local, thread(3, [2, 1])) == [local])
  }

  @Test func theSameIDWithoutACommonFirstRecordIsNoCandidate() {
    #expect(candidates(thread(1, [1]), thread(1, [2])).isEmpty)
  }

  @Test func theFirstRecordOfARewoundSegmentCounts() {
    let local = thread(2, [9], segments: [[1, 2]])
    #expect(candidates(thread(1, [1]), local) == [local])
    #expect(candidates(thread(1, [7], segments: [[1]]), local) == [local])
  }

  @Test(arguments: [(true, false), (false, true), (true, true)])
  func closedThreadsAreNeverMatchedByContentAlone(_ incoming: Bool, _ local: Bool) {
    #expect(candidates(thread(1, [1, 2], fork: incoming), thread(2, [1, 2], fork: local)).isEmpty)
  }

  @Test func closedThreadsAreMatchedByID() {
    let local = thread(1, [1, 2], fork: true)
    #expect(candidates(thread(1, [1, 3], fork: true), local) == [local])
  }

  @Test func closedThreadsAreMatchedByRoot() throws {
    let branch = thread(2, [1, 2], marker: try marker(root: 1, closed: true))
    #expect(candidates(thread(1, [1, 3], fork: true), branch) == [branch])
    let other = thread(3, [1, 4], marker: try marker(root: 1, closed: true))
    #expect(candidates(other, branch) == [branch])
    #expect(candidates(thread(4, [1, 3], fork: true), branch).isEmpty)
  }

  @Test func theSameRootWithoutACommonFirstRecordIsNoCandidate() throws {
    let branch = thread(2, [8], marker: try marker(root: 1, key: 8))
    #expect(candidates(thread(1, [1]), branch).isEmpty)
  }

  @Test func aThreadWithoutHistoryIsKnownByItsIDAlone() throws {
    let empty = thread(1, [])
    #expect(candidates(thread(1, [1]), empty) == [empty])
    #expect(candidates(thread(2, [1], marker: try marker(root: 1)), empty).isEmpty)
    let local = thread(1, [1])
    #expect(candidates(thread(1, []), local, thread(2, [1])) == [local])
  }
}
