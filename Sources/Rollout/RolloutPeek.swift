import CanonicalJSON
import SystemPackage

/// The beginning of a rollout, read up to its first history record: enough to tell conversations apart.
public struct RolloutPeek: Sendable {
  /// The first `session_meta`.
  public let meta: SessionMeta
  /// The digest of the file's own first history record; nil where it has none.
  public let lineageKey: RecordDigest?

  /// Whether the conversation begins in another file.
  public var hasBase: Bool { meta.base != nil }

  /// Reads the beginning of a rollout.
  public init(_ path: FilePath) throws(RolloutError) {
    var meta: SessionMeta?
    var key: RecordDigest?
    try RolloutLines.read(path) { line, offset throws(RolloutError) in
      let text = try? JSONText(line)
      let record = RolloutRecord(line: line, text: text, offset: offset)
      if meta == nil {
        guard record.kind == .sessionMeta, let payload = text?.root["payload"],
          let first = SessionMeta(payload)
        else {
          throw .noSessionMeta(path)
        }
        meta = first
      }
      if record.kind.isHistory { key = record.digest }
      return key == nil
    }
    guard let meta else { throw .noSessionMeta(path) }
    self.meta = meta
    lineageKey = key
  }
}
