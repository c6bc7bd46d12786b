import Rollout

/// What an incoming session is to the threads that are here.
public enum Classification: String, Sendable, Codable, CaseIterable {
  /// No thread here has this conversation.
  case newLineage = "new_lineage"
  /// Everything incoming is here already, or must not be brought back.
  case unchanged
  /// A thread here is the beginning of the incoming one.
  case fastForwardImport = "fast_forward_import"
  /// Both sides went on.
  case divergedLineage = "diverged_lineage"
  /// Another conversation has the incoming session's id.
  case idCollisionUnrelated = "id_collision_unrelated"
}

/// Why a classification applies, where it has more than one reason.
public enum ClassificationDetail: String, Sendable, Codable, CaseIterable {
  /// Both histories are equal.
  case identical
  /// The thread here has everything incoming, and more.
  case localAhead = "local_ahead"
  /// The incoming history is one that the user here rewound.
  case known
  /// The incoming session has no history.
  case empty
  /// The incoming history is one that the user here deleted.
  case deletedLocally = "deleted_locally"
  /// The histories are equal, and incoming holds the end of a turn that is open here.
  case completesTurn = "completes_turn"
}

/// What tied an incoming session to the thread it was matched with.
public enum MatchedBy: String, Sendable, Codable, CaseIterable {
  /// Both have the same id.
  case threadID = "thread_id"
  /// Both are copies or branches of one root thread.
  case root
  /// Their histories begin with the same record.
  case history
}

/// The outcome for one incoming session.
public struct Decision: Sendable, Hashable {
  /// The outcome.
  public let classification: Classification
  /// Its reason.
  public let detail: ClassificationDetail?
  /// The local thread it was compared with: the one to append to, or that has the most in common.
  public let candidate: ThreadID?
  /// What tied the candidate.
  public let matchedBy: MatchedBy?
  /// How many history records incoming and candidate begin with together.
  public let common: Int
}
