import SystemPackage

/// What is left of a file that cannot be read as a rollout.
public enum RolloutSalvage {
  /// The digests of the history records that can be read, in order, up to where nothing can be read any more.
  ///
  /// Whether a whole copy may take the file's place hangs on it: what it holds beyond that copy would be lost to sight.
  public static func history(of path: FilePath) -> [RecordDigest] {
    var history: [RecordDigest] = []
    var reader = RecordReader()
    _ = try? RolloutLines.scan(path) { line, _ in
      reader.read(line)
      if reader.kind.isHistory { history.append(reader.digest(line)) }
      return true
    }
    return history
  }
}

extension RolloutError {
  /// Whether the file can be read, and is no rollout to anybody: it is empty, NUL bytes, cut in its first line, in
  /// another encoding, or its compression is damaged.
  ///
  /// Codex refuses such a file as a whole (0.133.0 to 0.163.0).
  public var isNoRollout: Bool {
    switch self {
    case .noSessionMeta, .compression: true
    case .file, .changed, .foreignID, .missingBase, .unfittingBase, .circularBase, .overLimit: false
    }
  }
}
