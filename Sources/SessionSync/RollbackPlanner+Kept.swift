import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Which threads have to stay, because somebody built on what the transaction wrote.
extension RollbackPlanner {
  func keptThreads(
    _ operations: [Operation], _ places: RollbackPlaces, _ rollouts: [HomeRollout]
  ) throws(SyncError) -> [RollbackPlan.KeptThread] {
    var kept: [RollbackPlan.KeptThread] = []
    for operation in operations {
      guard let thread = Self.thread(of: operation), let path = operation.path else { continue }
      guard let place = places.place(of: path) else {
        // Codex compressed it, which is no reason to take a row away from a thread that is there.
        if let compressed = places.compressed(path) {
          kept.append(.init(thread: thread, path: compressed, reason: .changed))
        }
        continue
      }
      let start: Int64
      let placed: Operation
      switch operation {
      case .placeFile(_, let content):
        // A compressed file that was expanded to be appended to is judged by the append.
        if places.isAppendedTo(path) { continue }
        // A later segment: its user rewound the thread and goes on there.
        if let other = rollouts.first(where: { $0.name.thread == thread && $0.path != place }) {
          kept.append(.init(thread: thread, path: other.path, reason: .continued))
          continue
        }
        (start, placed) = (0, .placeFile(place, content))
      case .append(_, let extent): (start, placed) = (extent.start, .append(place, extent))
      case .cut(_, let extent):
        if let reason = try whyNotLengthened(place, extent) {
          kept.append(.init(thread: thread, path: place, reason: reason))
        }
        continue
      case .takeFile:
        // What was taken away cannot come back: somebody else's file has its place or its name.
        kept.append(.init(thread: thread, path: place, reason: .changed))
        continue
      default: continue
      }
      let written: Int64 =
        switch placed {
        case .placeFile(_, let content): content.size
        case .append(_, let extent): extent.start + extent.content.size
        default: 0
        }
      switch try effect(placed) {
      case .foreign: kept.append(.init(thread: thread, path: place, reason: .changed))
      case .continued where try hasHistory(place, behind: written):
        kept.append(.init(thread: thread, path: place, reason: .continued))
      default:
        if let child = dependent(on: place, behind: start, rollouts) {
          kept.append(.init(thread: thread, path: place, reason: .isBaseOf(child)))
        }
      }
    }
    return kept
  }

  /// Why what was cut off cannot come back: the file went on from there.
  func whyNotLengthened(
    _ path: FilePath, _ extent: Operation.Extent
  ) throws(SyncError) -> RollbackPlan.KeptThread.Reason? {
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(path) }
    if stamp?.size == extent.start { return nil }
    return try hasHistory(path, behind: extent.start) ? .continued : .changed
  }

  /// Whether records that the model sees follow the transaction's own.
  ///
  /// Codex appends bookkeeping at each opening; that is nobody's work.
  func hasHistory(_ path: FilePath, behind offset: Int64) throws(SyncError) -> Bool {
    guard let name = path.rolloutName else { return true }
    return try lift(SyncError.rollout) { () throws(RolloutError) in
      try RolloutScan(path, name: name).records.contains { $0.offset >= offset && $0.kind.isHistory }
    }
  }

  /// A rollout that goes on from bytes which would be removed.
  ///
  /// Cutting them off would silently cut it too: Codex keeps no checksum of a base (0.163.0).
  func dependent(on path: FilePath, behind start: Int64, _ rollouts: [HomeRollout]) -> ThreadID? {
    guard let name = path.rolloutName else { return nil }
    for other in rollouts where other.path != path {
      guard let base = (try? RolloutPeek(other.path))?.meta.base, base.rollout == name.rolloutID else {
        continue
      }
      if base.endOffset > start { return other.name.thread }
    }
    return nil
  }
}
