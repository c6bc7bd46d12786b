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
    var reader = RecordReader()
    try RolloutLines.scan(path, step: 1 << 15) { line, _ throws(RolloutError) in
      reader.read(line)
      if meta == nil { meta = try SessionMeta(first: line, reader, of: path) }
      if reader.kind.isHistory { key = reader.digest(line) }
      return key == nil
    }
    guard let meta else { throw .noSessionMeta(path) }
    self.meta = meta
    lineageKey = key
  }
}
