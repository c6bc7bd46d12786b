import Rollout

/// A thread as identity and classification see it: local, incoming, or planned.
public struct LineageThread: Sendable, Hashable {
  /// Which turn a transcript leaves open, and which it ended last.
  public struct Turns: Sendable, Hashable {
    /// The id of a turn that was begun and not ended.
    public let open: String?
    /// The id of the turn that ended last.
    public let ended: String?

    /// Creates the pair.
    public init(open: String? = nil, ended: String? = nil) {
      self.open = open
      self.ended = ended
    }
  }

  /// The thread's id.
  public let id: ThreadID
  /// The marker found for it, if any.
  public let marker: Marker?
  /// Whether it is a fork that Codex declares, or a sub-agent.
  public let isDeclaredFork: Bool
  /// The history of its head.
  public internal(set) var head: History
  /// The histories of its older segments: what its user rewound.
  public let segments: [History]
  /// Lineage keys of older segments whose histories are not known: those that a package only names.
  public let segmentKeys: Set<RecordDigest>
  /// Open and ended turns.
  public internal(set) var turns: Turns
  /// When it was made, in Unix milliseconds: of equally good candidates the oldest is taken.
  public let created: Int64

  /// Creates a thread.
  public init(
    id: ThreadID, marker: Marker? = nil, isDeclaredFork: Bool = false, head: History,
    segments: [History] = [],
    segmentKeys: Set<RecordDigest> = [],
    turns: Turns = Turns(), created: Int64 = 0
  ) {
    self.id = id
    self.marker = marker
    self.isDeclaredFork = isDeclaredFork
    self.head = head
    self.segments = segments
    self.segmentKeys = segmentKeys
    self.turns = turns
    self.created = created
  }

  /// The thread once it went on to a longer history.
  public func continued(to head: History, _ turns: Turns) -> LineageThread {
    var thread = self
    thread.head = head
    thread.turns = turns
    return thread
  }

  /// The thread that this one is a copy or branch of: the marker's root, else itself.
  public var root: ThreadID { marker?.rootThread ?? id }

  /// Whether the thread is never matched by its content alone.
  ///
  /// Two forks of one thread have the same history until they go on, and are two conversations all the same. A
  /// branch of ours says in its marker whether its root was such a thread; `forked_from_id` does not count there.
  public var isClosed: Bool { marker?.isClosed ?? isDeclaredFork }

  /// The lineage keys of its head and of its older segments.
  public var lineageKeys: Set<RecordDigest> {
    segmentKeys.union(([head] + segments).compactMap(\.lineageKey))
  }
}
