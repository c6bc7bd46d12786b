import Rollout

/// Decides what one incoming session is, by content, over all candidates.
///
/// The rules were attacked as a model in 52,000 random worlds before they were code: change one only with the
/// simulation at hand.
public struct Classifier: Sendable {
  private var here: LineageIndex
  private let deleted: LineageIndex

  /// Creates a classifier over a state: the threads that are here, and what was deleted here as it was noted last.
  public init(threads: [LineageThread], tombstones: [LineageThread] = []) {
    here = LineageIndex(threads)
    deleted = LineageIndex(tombstones)
  }

  /// The thread with an id, as planned so far.
  public subscript(id: ThreadID) -> LineageThread? { here[id] }

  /// Adds a thread that is planned.
  public mutating func insert(_ thread: LineageThread) { here.insert(thread) }

  /// Takes in that a thread will go on to `incoming`'s history.
  public mutating func extend(_ id: ThreadID, to incoming: LineageThread) {
    here.extend(id, to: incoming.head, incoming.turns)
  }

  /// The local threads that the incoming one can be: those that share a lineage key, and have the same id,
  /// or the same root, or are, both, not closed.
  ///
  /// A thread without history is known by its id alone.
  public func candidates(for incoming: LineageThread) -> [LineageThread] {
    here.sharing(incoming).filter { isInReach($0, of: incoming) }
  }

  private func isInReach(_ local: LineageThread, of incoming: LineageThread) -> Bool {
    local.id == incoming.id || local.root == incoming.root || (!local.isClosed && !incoming.isClosed)
  }

  /// What the first rule says that applies.
  ///
  /// `mapped` is the thread that earlier deliveries of this session went to. It breaks ties only.
  public func decide(_ incoming: LineageThread, mapped: ThreadID? = nil) -> Decision {
    let candidates = candidates(for: incoming).sorted { precedes($0, $1, for: incoming, mapped) }
    for rule in Rule.allCases {
      if let decision = apply(rule, incoming, candidates) { return decision }
    }
    return decision(.newLineage, nil, nil, incoming)
  }

  private func apply(
    _ rule: Rule, _ incoming: LineageThread, _ candidates: [LineageThread]
  ) -> Decision? {
    let history = incoming.head
    return switch rule {
    case .contained: contained(history, incoming, candidates)
    case .rewound: rewound(history, incoming, candidates)
    case .empty: history.count == 0 ? decision(.unchanged, .empty, nil, incoming) : nil
    case .deleted: buried(history, incoming, candidates)
    case .continued: continued(history, incoming, candidates)
    case .diverged: diverged(incoming, candidates)
    case .taken: here[incoming.id] == nil ? nil : decision(.idCollisionUnrelated, nil, nil, incoming)
    case .new: nil  // What is left when no other applies.
    }
  }

  private func contained(
    _ history: History, _ incoming: LineageThread, _ candidates: [LineageThread]
  ) -> Decision? {
    if let equal = candidates.first(where: { $0.head == history }) {
      let completing = candidates.first { $0.head == history && completesTurn(incoming, of: $0) }
      if history.count > 0, let completing {
        return decision(.fastForwardImport, .completesTurn, completing, incoming)
      }
      return decision(.unchanged, .identical, equal, incoming)
    }
    return candidates.first { history.isPrefix(of: $0.head) }
      .map { decision(.unchanged, .localAhead, $0, incoming) }
  }

  private func rewound(
    _ history: History, _ incoming: LineageThread, _ candidates: [LineageThread]
  ) -> Decision? {
    candidates.first { $0.segments.contains { history.isPrefix(of: $0) } }
      .map { decision(.unchanged, .known, $0, incoming) }
  }

  /// A tombstone that has no more of it than a thread that is still here says nothing.
  private func buried(
    _ history: History, _ incoming: LineageThread, _ candidates: [LineageThread]
  ) -> Decision? {
    let kept = candidates.map { $0.head.common(with: history) }.max() ?? 0
    let isDeleted = deleted.sharing(incoming).contains { tombstone in
      isInReach(tombstone, of: incoming)
        && ([tombstone.head] + tombstone.segments).contains { known in
          history.isPrefix(of: known) || (known.count > kept && known.isPrefix(of: history))
        }
    }
    return isDeleted ? decision(.unchanged, .deletedLocally, nil, incoming) : nil
  }

  private func continued(
    _ history: History, _ incoming: LineageThread, _ candidates: [LineageThread]
  ) -> Decision? {
    let fitting = candidates.filter { local in
      local.head.count < history.count && local.head.isPrefix(of: history)
        && local.segments.allSatisfy { $0.common(with: history) <= local.head.count }
    }
    guard let longest = fitting.map(\.head.count).max() else { return nil }
    return fitting.first { $0.head.count == longest }.map { decision(.fastForwardImport, nil, $0, incoming) }
  }

  private func diverged(_ incoming: LineageThread, _ candidates: [LineageThread]) -> Decision? {
    let most = candidates.map { $0.head.common(with: incoming.head) }.max()
    return candidates.first { $0.head.common(with: incoming.head) == most }
      .map { decision(.divergedLineage, nil, $0, incoming) }
  }

  private func completesTurn(_ incoming: LineageThread, of local: LineageThread) -> Bool {
    guard let open = local.turns.open else { return false }
    return incoming.turns.open == nil && incoming.turns.ended == open
  }

  private func precedes(
    _ left: LineageThread, _ right: LineageThread, for incoming: LineageThread, _ mapped: ThreadID?
  ) -> Bool {
    func rank(_ thread: LineageThread) -> (Int, Int, Int, Int64, String) {
      (
        thread.id == incoming.id ? 0 : 1, thread.id == mapped ? 0 : 1, thread.root == incoming.root ? 0 : 1,
        thread.created, thread.id.text
      )
    }
    return rank(left) < rank(right)
  }

  private func decision(
    _ classification: Classification, _ detail: ClassificationDetail?, _ candidate: LineageThread?,
    _ incoming: LineageThread
  ) -> Decision {
    Decision(
      classification: classification, detail: detail, candidate: candidate?.id,
      matchedBy: candidate.map {
        $0.id == incoming.id ? .threadID : $0.root == incoming.root ? .root : .history
      },
      common: candidate.map { $0.head.common(with: incoming.head) } ?? 0)
  }
}
