import Lineage
import Rollout
import Testing

struct DerivedIDTests {
  private let tail = RecordDigest(hashing: [1])

  private func make(
    _ root: Int = 1, _ common: History = history(1), _ tail: RecordDigest? = RecordDigest(hashing: [1]),
    taken: Set<ThreadID> = []
  ) -> ThreadID {
    DerivedID.make(
      milliseconds: 1_700_000_000_123, root: id(root), common: common.prefixDigest(common.count), tail: tail,
      isTaken: taken.contains)
  }

  @Test func oneDivergenceMakesOneID() {
    #expect(make() == make())
  }

  @Test func itIsAVersion7IDOfTheDivergencesTime() {
    #expect(make().milliseconds == 1_700_000_000_123)
    let digits = Array(make().text)
    #expect(digits[14] == "7" && "89ab".contains(digits[19]))
  }

  /// Trace F8: a fork and its trunk branch on the same record.
  @Test func rootPrefixAndTailTellIDsApart() {
    let ids = [
      make(), make(2), make(1, history(1, 2)), make(1, history(1), RecordDigest(hashing: [2])),
      make(1, history(1), nil),
    ]
    #expect(Set(ids).count == ids.count)
  }

  /// Trace F7: a taken id says nothing about content.
  @Test func aTakenIDCountsOn() {
    let first = make()
    let second = make(taken: [first])
    let third = make(taken: [first, second])
    #expect(Set([first, second, third]).count == 3)
    #expect(second == make(taken: [first]))
    #expect(second.milliseconds == first.milliseconds)
  }
}
