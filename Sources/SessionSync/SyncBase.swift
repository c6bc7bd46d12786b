import CanonicalJSON
import Lineage
import Rollout

/// The history that both sides have after a session was carried out, or a thread was adopted.
struct SyncBase: Sendable, Hashable {
  let length: Int
  /// Nil where there is no record, or it is not known.
  let prefixDigest: RecordDigest?

  init(length: Int, prefixDigest: RecordDigest?) {
    self.length = max(0, length)
    self.prefixDigest = prefixDigest
  }

  /// A whole history.
  init(_ history: History) {
    self.init(
      length: history.count, prefixDigest: history.count > 0 ? history.prefixDigest(history.count) : nil)
  }

  /// Reads what the journal remembers; nil where it does not.
  init?(_ json: JSONValue?) {
    guard let length = json?["length"]?.integer else { return nil }
    self.init(
      length: Int(clamping: length),
      prefixDigest: json?["prefix_digest"]?.string.flatMap(RecordDigest.init(hex:)))
  }

  var json: JSONValue {
    [
      "length": .integer(Int64(length)),
      "prefix_digest": prefixDigest.map { .string($0.description) } ?? .null,
    ]
  }

  /// Whether a history begins with it.
  func isBeginning(of history: History) -> Bool {
    history.count >= length && (prefixDigest.map { history.prefixDigest(length) == $0 } ?? true)
  }
}
