import Rollout

/// The true tree of all history records that were ever made: each knows the one it was said after.
///
/// The simulation's own knowledge, independent of digests and rules. A record is a number here, its *token*; a
/// history is a path in this tree, so a token stands for the whole history that ends with it.
struct Truth {
  /// What a token is, beyond its place.
  struct Record {
    /// The record before it; nil at the beginning of a conversation.
    let parent: Int?
    /// What the record says, its machine-bound parts left out.
    let text: String
  }

  private(set) var records: [Record] = []
  private var byTime: [String: Int] = [:]
  private var ticks: Int64 = 0
  private var ids: UInt64 = 0

  /// Milliseconds of the world's beginning, 2026-11-20T10:00Z.
  static let beginning: Int64 = 1_795_168_800_000

  /// A time that nothing else has.
  mutating func now() -> Timestamp {
    ticks += 1
    return Timestamp(milliseconds: Self.beginning + ticks * 1000)
  }

  /// A thread id that nothing else has, made now.
  mutating func newID() -> ThreadID {
    ids += 1
    let low = (0..<8).map { UInt8(truncatingIfNeeded: ids >> (56 - 8 * UInt64($0))) }
    return ThreadID(milliseconds: UInt64(now().milliseconds), entropy: [0, 0] + low)
  }

  /// Adds a record; answers its token.
  mutating func add(after parent: Int?, at time: Timestamp, text: (Int) -> String) -> Int {
    let token = records.count
    records.append(Record(parent: parent, text: text(token)))
    byTime[time.text] = token
    return token
  }

  /// The token of a record that was made at this time.
  func token(at time: String) -> Int? { byTime[time] }

  /// What a record says: no two have it, and few the same length, so that a cut fits no base by accident.
  static func words(_ token: Int) -> String {
    "#\(token)" + String(repeating: ".", count: Int(truncatingIfNeeded: UInt32(token) &* 2_654_435_761 >> 24))
  }

  /// Whether these tokens are a history: it begins where a conversation began, and leaves nothing out.
  func isPath(_ tokens: [Int]) -> Bool {
    var last: Int?
    for token in tokens {
      guard records[token].parent == last else { return false }
      last = token
    }
    return true
  }
}

extension Array where Element == Int {
  /// Whether `other` begins with all of this.
  func isPrefix(of other: [Int]) -> Bool { other.starts(with: self) }
}
