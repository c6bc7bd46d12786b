import CanonicalJSON
import SystemPackage

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
  /// Every rollout that was read for it, the head first; of a base nothing but its place may count.
  public let scans: [RolloutScan]
  /// The head's `session_meta`, then the bases' records behind theirs, oldest first, then the head's own.
  public let pieces: [Piece]
  /// Digests of the model-visible records, in order.
  public let history: [RecordDigest]
  /// The facts of all pieces.
  public let facts: ConversationFacts

  /// Resolves the bases of `head`.
  ///
  /// `find` says where a cut may lie: nowhere, if nothing is known of the rollout that it names.
  public init(
    _ head: RolloutScan, find: (SessionMeta.HistoryBase) throws(RolloutError) -> [CutPlace]
  ) throws(RolloutError) {
    var own: [Piece] = []
    var facts = head.facts
    var scans = [head]
    var scan = head
    var end = head.records.count
    var visited: Set<FilePath> = [head.path]
    if head.meta.hasUnreadableBase { throw .unfittingBase(head.path, rollout: head.meta.id) }
    while let base = scan.meta.base {
      own.insert(Piece(scan: scan, range: min(1, end)..<end), at: 0)
      let places = try find(base)
      if places.isEmpty { throw .missingBase(scan.path, rollout: base.rollout) }
      guard let place = CutPlace.agreed(places) else {
        throw .unfittingBase(scan.path, rollout: base.rollout)
      }
      guard visited.insert(place.scan.path).inserted else { throw .circularBase(scan.path) }
      facts = try place.scan.facts(ofFirst: place.end).followed(by: facts)
      scan = place.scan
      end = place.end
      scans.append(scan)
    }
    own.insert(Piece(scan: scan, range: min(1, end)..<end), at: 0)
    let isWhole = own.count == 1
    let meta = Piece(scan: head, range: 0..<min(1, head.records.count))
    self.head = head
    self.scans = scans
    self.facts = facts
    pieces = ([meta] + own).filter { !$0.range.isEmpty }
    // A whole file's own array is shared, not copied.
    history = isWhole ? head.history : pieces.flatMap { $0.scan.history($0.range) }
  }

  /// Whether the conversation is kept in more than one file.
  public var isComposed: Bool { head.meta.base != nil }

  /// All records in order.
  public var records: some Sequence<RolloutRecord> { pieces.lazy.flatMap { $0.scan.records[$0.range] } }

  /// How many turns the first `count` history records are of; zero where the transcript does not note turns.
  public func turnCount(of count: Int) -> Int {
    var (turns, begun, seen) = (0, 0, 0)
    for record in records {
      if seen == count { break }
      if record.kind == .turnStarted { begun += 1 }
      guard record.kind.isHistory else { continue }
      seen += 1
      turns = begun
    }
    return turns
  }

  /// The digest of the first history record, by which copies of one conversation know each other: it
  /// carries a millisecond timestamp and the full text.
  ///
  /// Nil for a thread without history.
  public var lineageKey: RecordDigest? { history.first }
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
