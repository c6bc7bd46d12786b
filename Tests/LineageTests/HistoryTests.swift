import Lineage
import Rollout
import Testing

struct HistoryTests {
  @Test(arguments: [
    ([], [], 0), ([], [1], 0), ([1], [1], 1), ([1, 2, 3], [1, 2, 4], 2), ([1, 2], [1, 2, 3], 2),
    ([2, 1], [1, 2], 0),
    ([1, 9, 3], [1, 8, 3], 1),
  ])
  func commonIsHowManyRecordsBothBeginWith(_ left: [Int], _ right: [Int], _ common: Int) {
    #expect(history(left).common(with: history(right)) == common)
    #expect(history(right).common(with: history(left)) == common)
  }

  @Test(arguments: [
    ([], [], true), ([], [1], true), ([1], [1], true), ([1], [1, 2], true), ([1, 2], [1], false),
    ([2], [1, 2], false),
    ([1, 3], [1, 2, 3], false),
  ])
  func aPrefixIsAWholeBeginning(_ left: [Int], _ right: [Int], _ isPrefix: Bool) {
    #expect(history(left).isPrefix(of: history(right)) == isPrefix)
  }

  @Test func prefixDigestsAgreeExactlyAsFarAsTheHistoriesDo() {
    let left = history(1, 2, 3, 4)
    let right = history(1, 2, 5, 4)
    for length in 0...4 {
      #expect((left.prefixDigest(length) == right.prefixDigest(length)) == (length <= 2), "\(length)")
    }
  }

  @Test func prefixDigestIsTheHashOfTheConcatenatedDigests() {
    let records = history(1, 2, 3)
    #expect(
      records.prefixDigest(2) == RecordDigest(hashing: records.digests[0].bytes + records.digests[1].bytes))
    #expect(records.prefixDigest(0) == RecordDigest(hashing: []))
    #expect(records.prefixDigest(9) == records.prefixDigest(3))
  }

  @Test func theFirstRecordIsTheLineageKey() {
    #expect(history().lineageKey == nil)
    #expect(history(4, 5).lineageKey == history(4).digests.first)
  }

  @Test func aThreadHasTheKeysOfItsHeadAndOfWhatWasRewound() {
    let keys = thread(1, [1, 2], segments: [[3], [], [1, 9]]).lineageKeys
    #expect(keys == Set([history(1), history(3)].compactMap(\.lineageKey)))
    #expect(thread(1, [], segments: [[]]).lineageKeys.isEmpty)
  }
}
