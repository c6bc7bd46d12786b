import CanonicalJSON

/// A thread's whole conversation: the head rollout with its bases resolved.
public struct Transcript: Sendable {
  /// A run of records of one file.
  public struct Piece: Sendable {
    /// The file.
    public let scan: RolloutScan
    /// Which of its records.
    public let range: Range<Int>
  }

  /// The rollout the conversation ends in.
  public let head: RolloutScan
  /// The head's `session_meta`, then the bases' records behind theirs, oldest first, then the head's own.
  public let pieces: [Piece]
  /// Digests of the model-visible records, in order.
  public let history: [RecordDigest]
  /// The facts of all pieces.
  public let facts: ConversationFacts

  /// Resolves the bases of `head`.
  ///
  /// - Parameter find: the rollout with a given rollout id, or nil where there is none.
  public init(
    _ head: RolloutScan, find: (ThreadID) throws(RolloutError) -> RolloutScan?
  ) throws(RolloutError) {
    var own: [Piece] = []
    var facts = head.facts
    var scan = head
    var end = head.records.count
    var visited: Set<ThreadID> = [head.name.rolloutID]
    if head.meta.hasUnreadableBase { throw .unfittingBase(head.path, rollout: head.meta.id) }
    while let base = scan.meta.base {
      own.insert(Piece(scan: scan, range: min(1, end)..<end), at: 0)
      guard visited.insert(base.rollout).inserted else { throw .circularBase(scan.path) }
      guard let found = try find(base.rollout) else { throw .missingBase(scan.path, rollout: base.rollout) }
      guard let cut = Self.cut(found, base) else { throw .unfittingBase(scan.path, rollout: base.rollout) }
      facts = try found.facts(ofFirst: cut).followed(by: facts)
      scan = found
      end = cut
    }
    own.insert(Piece(scan: scan, range: min(1, end)..<end), at: 0)
    let meta = Piece(scan: head, range: 0..<min(1, head.records.count))
    self.head = head
    self.facts = facts
    pieces = ([meta] + own).filter { !$0.range.isEmpty }
    history = pieces.flatMap { piece in
      piece.scan.records[piece.range].filter(\.kind.isHistory).map(\.digest)
    }
  }

  /// Whether the conversation is kept in more than one file.
  public var isComposed: Bool { head.meta.base != nil }

  /// All records in order.
  public var records: [RolloutRecord] { pieces.flatMap { $0.scan.records[$0.range] } }

  /// The digest of the first history record, by which copies of one conversation know each other: it
  /// carries a millisecond timestamp and the full text.
  ///
  /// Nil for a thread without history.
  public var lineageKey: RecordDigest? { history.first }

  /// Ordinal and byte offset must name the same record boundary, behind the base's own `session_meta`.
  private static func cut(_ scan: RolloutScan, _ base: SessionMeta.HistoryBase) -> Int? {
    guard let index = scan.boundary(at: base.endOffset), index > 0 else { return nil }
    // A line that a crash left has no ordinal; the records before it count.
    let last = scan.records[..<index].last { $0.kind != .notJSON }
    return last?.ordinal.map { $0 + 1 } == base.endOrdinal ? index : nil
  }
}

extension Transcript {
  /// The timestamp of one history record, read from its file again.
  public func timestamp(ofHistoryRecord wanted: Int) throws(RolloutError) -> String? {
    var seen = 0
    for piece in pieces {
      for record in piece.scan.records[piece.range] where record.kind.isHistory {
        defer { seen += 1 }
        guard seen == wanted else { continue }
        var timestamp: String?
        try RolloutLines.read(piece.scan.path, from: record.offset) { line, offset in
          if offset < record.offset { return true }
          timestamp = (try? JSONText(line))?.root["timestamp"]?.string
          return false
        }
        return timestamp
      }
    }
    return nil
  }
}
