import SystemPackage

/// What the journal cannot tell of Codex's files by itself.
public protocol ThreadKnowledge {
  /// The thread that an operation is about; nil where it is about none.
  func thread(of operation: Operation) -> String?
  /// Whether another rollout goes on from bytes of this one behind an offset, or may do so.
  func isBase(_ rollout: FilePath, behind offset: Int64) -> Bool
}
