/// A place in a rollout that another one may go on from.
public struct CutPlace: Sendable {
  /// The rollout.
  public let scan: RolloutScan
  /// The index behind the last record that is gone on from; nil where ordinal and byte offset name no common record
  /// boundary of this rollout.
  let index: Int?

  /// Looks for a cut, in the rollout's own ordinals and offsets.
  public init(_ scan: RolloutScan, _ cut: SessionMeta.HistoryBase) {
    self.scan = scan
    index = Self.index(scan, cut)
  }

  /// Whether the cut names a record boundary of the rollout.
  public var fits: Bool { index != nil }

  /// How many records are gone on from.
  var end: Int { index ?? 0 }

  /// The place of a cut; nil where none fits, or where two that fit do not hold the same history: nobody can say
  /// then what was gone on from.
  static func agreed(_ places: [CutPlace]) -> CutPlace? {
    let fitting = places.filter(\.fits)
    guard let first = fitting.first else { return nil }
    return fitting.dropFirst().allSatisfy { $0.holdsSame(as: first) } ? first : nil
  }

  private func holdsSame(as other: CutPlace) -> Bool {
    if scan.path == other.scan.path { return index == other.index }
    // What stands before a rollout with a base is in another file.
    return scan.meta.base == nil && other.scan.meta.base == nil && history == other.history
  }

  private var history: ArraySlice<RecordDigest> { scan.history(0..<end) }

  /// Ordinal and byte offset must name the same record boundary, behind the rollout's own `session_meta`.
  private static func index(_ scan: RolloutScan, _ cut: SessionMeta.HistoryBase) -> Int? {
    guard let index = scan.boundary(at: cut.endOffset), index > 0 else { return nil }
    // A line that a crash left has no ordinal; the records before it count.
    let last = scan.records[..<index].last { $0.kind.isJSON }
    return last?.ordinal.map { $0 + 1 } == cut.endOrdinal ? index : nil
  }
}
