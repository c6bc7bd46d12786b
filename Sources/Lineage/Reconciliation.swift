import Rollout

/// Decides a whole package: each session against the state as the sessions before it will leave it.
public struct Reconciliation {
  /// What becomes of one session.
  public struct Outcome: Sendable, Hashable {
    /// The decision.
    public let decision: Decision
    /// The thread that the incoming history is, or would be, in.
    public let target: ThreadID?
    /// The marker of a thread written under another id than it came with, or the one it came with.
    public let marker: Marker?
    /// Whether something of this session is to be written.
    public let isWritten: Bool
  }

  /// What the decisions need to know of the world.
  public struct Surroundings {
    /// Whether an id is in use for anything, on disk or in the catalogue.
    public var isTaken: (ThreadID) -> Bool
    /// Whether an id is that of a thread deleted here: alive again, it would end the memory of what was deleted.
    public var isDeleted: (ThreadID) -> Bool
    /// Whether a session may not be written for a reason of its own (busy, damaged, another format, …).
    public var isBlocked: (_ session: Int, Decision) -> Bool
    /// Unix milliseconds of a session's history record.
    public var time: (_ session: Int, _ record: Int) -> UInt64
    /// The thread that earlier deliveries of a session went to, where that is known.
    public var mapped: (_ session: Int) -> ThreadID?
    /// Whether an unrelated session with a taken id is to be written under a derived one.
    public var importsCollisions: Bool
    /// The origin of the package.
    public var origin: String?

    /// Creates the surroundings.
    public init(
      isTaken: @escaping (ThreadID) -> Bool, isDeleted: @escaping (ThreadID) -> Bool = { _ in false },
      isBlocked: @escaping (Int, Decision) -> Bool,
      time: @escaping (Int, Int) -> UInt64, mapped: @escaping (Int) -> ThreadID? = { _ in nil },
      importsCollisions: Bool, origin: String?
    ) {
      self.isTaken = isTaken
      self.isDeleted = isDeleted
      self.isBlocked = isBlocked
      self.time = time
      self.mapped = mapped
      self.importsCollisions = importsCollisions
      self.origin = origin
    }
  }

  private var classifier: Classifier
  private var planned: Set<ThreadID> = []
  /// The threads that are appended to, and how many history records they have before that.
  private var appended: [ThreadID: Int] = [:]
  private let surroundings: Surroundings

  /// A thread as planned so far.
  public subscript(id: ThreadID) -> LineageThread? { classifier[id] }

  /// Starts from the threads that are here, and from those that were deleted here.
  public init(threads: [LineageThread], tombstones: [LineageThread] = [], surroundings: Surroundings) {
    classifier = Classifier(threads: threads, tombstones: tombstones)
    self.surroundings = surroundings
  }

  /// Decides all sessions; the outcomes are in the order of `sessions`.
  ///
  /// The longest history goes first, of equal ones that without an open turn: a thread then receives at most one
  /// append, and a shorter copy in the same package finds itself contained. What is to be written and may not be is
  /// decided again after the others: one of those may have brought the thread that it belongs to (trace F9), or
  /// continued the thread in question another way.
  public mutating func outcomes(of sessions: [LineageThread]) -> [Outcome] {
    var outcomes: [Int: Outcome] = [:]
    var writers: [ThreadID: Int] = [:]
    func rank(_ index: Int) -> (Int, Int, Int) {
      (-sessions[index].head.count, sessions[index].turns.open == nil ? 0 : 1, index)
    }
    var open = sessions.indices.sorted { rank($0) < rank($1) }
    while true {
      var refused: [Int] = []
      for index in open {
        let outcome = decide(sessions[index], index)
        outcomes[index] = outcome
        if outcome.isWritten, let target = outcome.target,
          let earlier = writers.updateValue(index, forKey: target)
        {
          outcomes[earlier] = decide(sessions[earlier], earlier)
        }
        if outcome.decision.classification != .unchanged, !outcome.isWritten { refused.append(index) }
      }
      if refused.isEmpty || refused.count == open.count { break }
      open = refused
    }
    return sessions.indices.compactMap { outcomes[$0] }
  }

  /// Makes a branch of a history, whatever is here.
  ///
  /// The first `common` records stay where they are.
  public mutating func branch(of history: LineageThread, behind common: Int) -> Outcome {
    let decision = Decision(
      classification: .divergedLineage, detail: nil, candidate: history.id, matchedBy: .threadID,
      common: common)
    return create(history, decision, id: freeID(history, 0, decision), blocked: false)
  }

  private mutating func decide(_ incoming: LineageThread, _ index: Int) -> Outcome {
    let decision = classifier.decide(incoming, mapped: surroundings.mapped(index))
    if decision.classification == .fastForwardImport, let id = decision.candidate, planned.contains(id),
      let made = classifier[id]
    {
      return replace(made, with: incoming, decision.asBranch, index)
    }
    let blocked = surroundings.isBlocked(index, decision)
    switch decision.classification {
    case .unchanged:
      return Outcome(decision: decision, target: decision.candidate, marker: nil, isWritten: false)
    case .fastForwardImport:
      guard !blocked, let target = decision.candidate, let local = classifier[target]
      else { return Outcome(decision: decision, target: decision.candidate, marker: nil, isWritten: false) }
      // A session that goes on from what another was to append is appended in its place: a thread receives one tail.
      let common = appended[target] ?? local.head.count
      appended[target] = common
      classifier.extend(target, to: incoming)
      return Outcome(
        decision: decision.behind(common, of: incoming.head), target: target, marker: local.marker,
        isWritten: true)
    case .newLineage:
      // A row without its file is a loss that this makes good; a deleted thread's id stays deleted.
      let id = surroundings.isDeleted(incoming.id) ? freeID(incoming, index, decision) : incoming.id
      return create(incoming, decision, id: id, blocked: blocked)
    case .divergedLineage:
      return create(incoming, decision, id: freeID(incoming, index, decision), blocked: blocked)
    case .idCollisionUnrelated:
      guard surroundings.importsCollisions else {
        return Outcome(decision: decision, target: nil, marker: nil, isWritten: false)
      }
      return create(incoming, decision, id: freeID(incoming, index, decision), blocked: blocked)
    }
  }

  private mutating func create(
    _ incoming: LineageThread, _ decision: Decision, id: ThreadID, blocked: Bool
  ) -> Outcome {
    let marker = id == incoming.id ? incoming.marker : incoming.marker ?? newMarker(incoming, decision)
    guard !blocked else { return Outcome(decision: decision, target: nil, marker: nil, isWritten: false) }
    classifier.insert(
      LineageThread(
        id: id, marker: marker, isDeclaredFork: incoming.isDeclaredFork, head: incoming.head,
        turns: incoming.turns,
        created: id == incoming.id ? incoming.created : Int64(clamping: id.milliseconds ?? 0)))
    planned.insert(id)
    return Outcome(decision: decision, target: id, marker: marker, isWritten: true)
  }

  /// Makes a thread of the session that goes on from what it was planned to be: one thread, not two of which one is
  /// the beginning of the other.
  ///
  /// Only a session that was refused before can come to that: the longest goes first.
  private mutating func replace(
    _ thread: LineageThread, with incoming: LineageThread, _ decision: Decision, _ index: Int
  ) -> Outcome {
    if surroundings.isBlocked(index, decision) {
      return Outcome(decision: decision, target: nil, marker: nil, isWritten: false)
    }
    classifier.extend(thread.id, to: incoming)
    return Outcome(decision: decision, target: thread.id, marker: thread.marker, isWritten: true)
  }

  private func newMarker(_ incoming: LineageThread, _ decision: Decision) -> Marker? {
    incoming.head.lineageKey.map {
      Marker(
        lineageKey: $0, rootOrigin: surroundings.origin, rootThread: incoming.id, common: decision.common,
        isClosed: incoming.isClosed)
    }
  }

  private func freeID(_ incoming: LineageThread, _ index: Int, _ decision: Decision) -> ThreadID {
    let isTaken = { id in
      planned.contains(id) || surroundings.isTaken(id) || surroundings.isDeleted(id)
    }
    guard isTaken(incoming.id) else { return incoming.id }
    let common = decision.common
    let tail = common < incoming.head.count ? incoming.head.digests[common] : nil
    return DerivedID.make(
      milliseconds: surroundings.time(index, min(common, max(0, incoming.head.count - 1))),
      root: incoming.root,
      common: incoming.head.prefixDigest(common), tail: tail, isTaken: isTaken)
  }
}

extension Decision {
  /// The decision where the thread's own history has this length.
  fileprivate func behind(_ common: Int, of incoming: History) -> Decision {
    Decision(
      classification: classification, detail: common == incoming.count ? detail : nil, candidate: candidate,
      matchedBy: matchedBy, common: common)
  }

  /// The decision where the thread that is continued is only planned: there is no file yet to append to.
  fileprivate var asBranch: Decision {
    Decision(
      classification: .divergedLineage, detail: nil, candidate: candidate, matchedBy: matchedBy,
      common: common)
  }
}
