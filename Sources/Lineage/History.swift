import Crypto
import Rollout

/// The model-visible records of a thread, as digests in order.
public struct History: Hashable, Sendable {
  /// One digest a record.
  public let digests: [RecordDigest]

  /// Creates a history.
  public init(_ digests: [RecordDigest]) { self.digests = digests }

  /// How many records there are.
  public var count: Int { digests.count }

  /// The digest of the first record; nil for an empty history.
  public var lineageKey: RecordDigest? { digests.first }

  /// How many records both histories begin with.
  public func common(with other: History) -> Int {
    zip(digests, other.digests).prefix { $0 == $1 }.count
  }

  /// Whether `other` begins with this whole history; every history is a prefix of itself.
  public func isPrefix(of other: History) -> Bool {
    count <= other.count && common(with: other) == count
  }

  /// The chain over the first `length` record digests: SHA-256 of their concatenation.
  ///
  /// Two histories share exactly the prefix on which their chains agree.
  public func prefixDigest(_ length: Int) -> RecordDigest {
    var hasher = SHA256()
    for digest in digests.prefix(length) { hasher.update(data: digest.bytes) }
    return RecordDigest(hasher.finalize())
  }
}
