/// The rules of classification in their order: the first that applies decides.
public enum Rule: Int, Sendable, CaseIterable {
  /// Incoming is the beginning of a candidate's head history, or equals it.
  case contained = 1
  /// Incoming is the beginning of an older segment of a candidate: the user here rewound it.
  case rewound
  /// Incoming has no history.
  case empty
  /// The user here deleted what is incoming, or what it goes on from.
  case deleted
  /// A candidate's head is the beginning of incoming, and none of its older segments has more of it.
  case continued
  /// There is a candidate, and both sides went on.
  case diverged
  /// There is no candidate, and another conversation has the id.
  case taken
  /// There is no candidate, and the id is free.
  case new

  /// An outcome of a rule.
  public struct Outcome: Sendable, Hashable {
    /// The classification.
    public let classification: Classification
    /// Its reason, where the rule has several.
    public let detail: ClassificationDetail?
  }

  /// What a rule can lead to.
  public var outcomes: [Outcome] {
    switch self {
    case .contained:
      [
        Outcome(.unchanged, .identical), Outcome(.unchanged, .localAhead),
        Outcome(.fastForwardImport, .completesTurn),
      ]
    case .rewound: [Outcome(.unchanged, .known)]
    case .empty: [Outcome(.unchanged, .empty)]
    case .deleted: [Outcome(.unchanged, .deletedLocally)]
    case .continued: [Outcome(.fastForwardImport)]
    case .diverged: [Outcome(.divergedLineage)]
    case .taken: [Outcome(.idCollisionUnrelated)]
    case .new: [Outcome(.newLineage)]
    }
  }
}

extension Rule.Outcome {
  init(_ classification: Classification, _ detail: ClassificationDetail? = nil) {
    self.classification = classification
    self.detail = detail
  }
}
