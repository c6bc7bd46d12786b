import SystemPackage

/// What the journal cannot tell of Codex's files by itself.
public protocol ThreadKnowledge {
  /// The thread that an operation is about; nil where it is about none.
  func thread(of operation: Operation) -> String?
  /// Whether another rollout goes on from this one, at a place behind the first byte of a range.
  func isBase(_ rollout: FilePath, in range: Range<Int64>) -> Bool
  /// Whether there are rollouts that cannot be read just now, which may go on from anything.
  func mayBeBase(_ rollout: FilePath) -> Bool
}
