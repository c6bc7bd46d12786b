import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Which threads have to stay, because somebody built on what the transactions wrote.
extension RollbackPlanner {
  func keptThreads(
    _ places: RollbackPlaces, _ files: ThreadFiles
  ) throws(SyncError) -> [RollbackPlan.KeptThread] {
    let rollouts = files.all
    let written = written(places, by: chain.links)
    let dependents = Dependents(rollouts)
    var kept: [RollbackPlan.KeptThread] = []
    for (index, deed) in chain.deeds.enumerated() {
      guard let thread = Self.thread(of: deed.operation), let path = deed.operation.path,
        !kept.contains(where: { $0.thread == thread })
      else { continue }
      // A home that was copied: Codex goes on in the original's file, and that is not ours to cut.
      if let head = files.entries[thread]?.head, head.isOutside {
        kept.append(.init(thread: thread, path: head.path, reason: .changed))
        continue
      }
      guard let place = places.place(of: path)?.now else {
        // Codex compressed it, which is no reason to take a row away from a thread that is there.
        if let compressed = places.compressed(path) {
          kept.append(.init(thread: thread, path: compressed, reason: .changed))
        }
        continue
      }
      if let (path, reason, start) = try whyKept(
        deed, index, place, written[place] ?? [], rollouts, dependents)
      {
        kept.append(.init(thread: thread, path: path, reason: reason, start: start))
      }
    }
    return kept
  }

  /// The branches that earlier undoings made for work on threads which now cannot come back.
  func holders(
    ofWorkOn kept: [RollbackPlan.KeptThread], _ places: RollbackPlaces
  ) -> [RollbackPlan.KeptThread] {
    var staying = Set(kept.map(\.thread))
    // A file that is gone cannot be lengthened again, nor one that goes because it was placed since.
    for (index, operation) in chain.operations.enumerated() {
      guard case .cut(let path, _) = operation, let thread = path.rolloutName?.thread else { continue }
      if places.place(of: path) == nil || isPlaced(path, behind: index) { staying.insert(thread) }
    }
    var holders: [RollbackPlan.KeptThread] = []
    for link in chain.links where !link.transaction.undoes.isEmpty {
      for session in link.transaction.details["sessions"]?.array ?? [] {
        guard let thread = session["thread_id"]?.string.flatMap(ThreadID.init),
          let branch = session["local_thread_id"]?.string.flatMap(ThreadID.init),
          staying.contains(thread), !kept.contains(where: { $0.thread == branch }),
          let path = link.operations.first(where: { Self.thread(of: $0) == branch && $0.path != nil })?.path,
          let place = places.place(of: path)?.now
        else { continue }
        holders.append(.init(thread: branch, path: place, reason: .holdsWorkOf(thread)))
      }
    }
    return holders
  }

  private typealias Why = (path: FilePath, reason: RollbackPlan.KeptThread.Reason, start: Int64?)

  private func whyKept(
    _ deed: RollbackChain.Deed, _ index: Int, _ place: FilePath, _ written: [Range<Int64>],
    _ rollouts: [HomeRollout], _ dependents: Dependents
  ) throws(SyncError) -> Why? {
    if wasCompressed(deed.operation, behind: index) { return (place, .changed, nil) }
    let start: Int64
    let end: Int64
    let placed: Operation
    switch deed.operation {
    case .placeFile(let path, let content):
      // A compressed file that was expanded to be appended to is judged by the append.
      if isExpanded(path) { return nil }
      // A later segment: its user rewound the thread and goes on there.
      if let other = rollouts.first(where: {
        $0.name.thread == place.rolloutName?.thread && $0.path != place
      }) {
        return (other.path, .continued, nil)
      }
      (start, end, placed) = (0, content.size, .placeFile(place, content))
    case .append(_, let extent):
      (start, end) = (extent.start, extent.start + extent.content.size)
      placed = .append(place, extent)
    case .cut(_, let extent):
      if written.contains(where: { $0.lowerBound == extent.start }) { return nil }
      return try whyNotLengthened(place, extent).map { (place, $0, nil) }
    case .takeFile(let path, _):
      // What was taken away cannot come back: somebody else's file has its place or its name.
      return isPlaced(path, behind: index) ? nil : (place, .changed, nil)
    default: return nil
    }
    switch try effect(.init(operation: placed, transaction: deed.transaction)) {
    case .foreign: return (place, .changed, nil)
    case .continued where try hasHistory(place, behind: end, besides: written):
      let child = try dependents.dependent(on: place, behind: start)
      return (place, child.map { .isBaseOf($0) } ?? .continued, child == nil ? start : nil)
    default: return try dependents.dependent(on: place, behind: start).map { (place, .isBaseOf($0), nil) }
    }
  }

  /// The ranges that the transactions wrote, by the file that they are in now.
  func written(
    _ places: RollbackPlaces, by links: [RollbackChain.Link]
  ) -> [FilePath: [Range<Int64>]] {
    var written: [FilePath: [Range<Int64>]] = [:]
    for case .append(let path, let extent) in links.flatMap(\.operations) {
      guard let place = places.place(of: path)?.now else { continue }
      written[place, default: []].append(extent.start..<(extent.start + extent.content.size))
    }
    return written
  }

  /// Whether Codex had compressed what an operation wrote by the time that a later transaction wrote to it: what that
  /// one puts back is the compressed file, and of that the earlier one knows nothing.
  private func wasCompressed(_ operation: Operation, behind index: Int) -> Bool {
    let written: FilePath
    switch operation {
    case .placeFile(let path, _), .append(let path, _), .cut(let path, _): written = path
    default: return false
    }
    guard let name = written.lastComponent.map({ "\($0.string).zst" }) else { return false }
    let deeds = chain.deeds
    for deed in deeds[(index + 1)...] {
      switch deed.operation {
      case .placeFile(let path, _) where path.lastComponent?.string == name: return false
      case .takeFile(let path, _) where path.lastComponent?.string == name:
        return deed.transaction != deeds[index].transaction
      default: continue
      }
    }
    return false
  }

  /// Whether a file was put beside its compressed original, which was taken away then.
  private func isExpanded(_ path: FilePath) -> Bool {
    chain.operations.contains { operation in
      if case .takeFile(let taken, _) = operation { taken.string == "\(path).zst" } else { false }
    }
  }

  /// Whether a later operation placed the rollout again, in whichever folder.
  private func isPlaced(_ path: FilePath, behind index: Int) -> Bool {
    chain.operations[(index + 1)...].contains { operation in
      guard case .placeFile(let placed, _) = operation else { return false }
      return placed.lastComponent == path.lastComponent
    }
  }

  /// Why what was cut off cannot come back: the file went on from there.
  private func whyNotLengthened(
    _ path: FilePath, _ extent: Operation.Extent
  ) throws(SyncError) -> RollbackPlan.KeptThread.Reason? {
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(path) }
    if stamp?.size == extent.start { return nil }
    return try hasHistory(path, behind: extent.start, besides: []) ? .continued : .changed
  }

  /// Whether records that the model sees follow what the transactions wrote.
  ///
  /// Codex appends bookkeeping at each opening; that is nobody's work.
  private func hasHistory(
    _ path: FilePath, behind offset: Int64, besides written: [Range<Int64>]
  ) throws(SyncError) -> Bool {
    guard let name = path.rolloutName else { return true }
    return try lift(SyncError.rollout) { () throws(RolloutError) in
      try RolloutScan(path, name: name).records.contains { record in
        record.offset >= offset && record.kind.isHistory
          && !written.contains { $0.contains(record.offset) }
      }
    }
  }
}
