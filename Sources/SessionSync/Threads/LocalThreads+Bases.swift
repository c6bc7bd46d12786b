import Rollout

/// The rollouts of this home that others go on from.
extension LocalThreads {
  /// Where a cut of this home's own Codex lies.
  func ownPlaces(of cut: SessionMeta.HistoryBase) throws(RolloutError) -> [CutPlace] {
    try rollout(cut.rollout).map { [CutPlace($0, cut)] } ?? []
  }

  /// Where a cut of another machine's Codex may lie here: in the rollout of that id, if its bytes are the same here, and
  /// in those that were written from it.
  func places(of cut: SessionMeta.HistoryBase) throws(RolloutError) -> [CutPlace] {
    var places = try ownPlaces(of: cut)
    for source in (try? memory.sources(of: cut)) ?? [] {
      guard let here = source.run.translate(cut, to: source.rollout), let scan = try rollout(source.rollout)
      else { continue }
      places.append(CutPlace(scan, here))
    }
    return places
  }
}
