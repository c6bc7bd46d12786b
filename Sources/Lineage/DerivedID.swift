import Crypto
import Rollout

/// The id of a thread that cannot keep the one it came with.
///
/// A UUIDv7 made of the divergence, so that two machines that see the same divergence make the same id, and a list
/// sorted by id keeps the conversation's time. A taken id never means "already imported": content decides that.
public enum DerivedID {
  /// Derives an id.
  ///
  /// - Parameters:
  ///   - milliseconds: when the first record behind the common history was written, Unix time.
  ///   - root: the root thread.
  ///   - common: the prefix digest of the common history.
  ///   - tail: the digest of the first record behind it; nil where there is none.
  ///   - isTaken: whether an id is in use; the derivation then counts on.
  public static func make(
    milliseconds: UInt64, root: ThreadID, common: RecordDigest, tail: RecordDigest?,
    isTaken: (ThreadID) -> Bool
  ) -> ThreadID {
    var counter: UInt64 = 0
    while true {
      var hasher = SHA256()
      hasher.update(data: Array(root.text.utf8))
      hasher.update(data: common.bytes)
      hasher.update(data: tail?.bytes ?? [])
      if counter > 0 { hasher.update(data: Array(String(counter).utf8)) }
      let id = ThreadID(milliseconds: milliseconds, entropy: RecordDigest(hasher.finalize()).bytes)
      if !isTaken(id) { return id }
      counter += 1
    }
  }
}
