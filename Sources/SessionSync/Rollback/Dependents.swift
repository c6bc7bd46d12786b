import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Rollouts that go on from bytes of others: forks, and later segments.
///
/// Cutting those bytes off would cut them too, in silence: Codex keeps no checksum of a base (0.163.0).
struct Dependents {
  private struct Dependent {
    let path: FilePath
    let thread: ThreadID
    let endOffset: Int64
  }

  /// By the rollout that they go on from.
  private var dependents: [ThreadID: [Dependent]] = [:]
  /// Rollouts that cannot be read just now, and may go on from anything.
  ///
  /// A damaged one is nobody's fork any more.
  private var unreadable: [(path: FilePath, error: FileError)] = []

  init(_ rollouts: [HomeRollout]) {
    for rollout in rollouts {
      do throws(RolloutError) {
        guard let base = try RolloutPeek(rollout.path).meta.base else { continue }
        dependents[base.rollout, default: []].append(
          Dependent(path: rollout.path, thread: rollout.name.thread, endOffset: base.endOffset))
      } catch {
        if case .file(let error) = error, !Self.noRollouts.contains(error.errno) {
          unreadable.append((rollout.path, error))
        }
      }
    }
  }

  /// How reading fails where there is no file of that name: gone meanwhile, a folder, a link in a circle.
  private static let noRollouts: Set<Errno> = [
    .noSuchFileOrDirectory, .notDirectory, .isDirectory, .tooManySymbolicLinkLevels, .invalidArgument,
  ]

  /// A thread that goes on from bytes of a rollout behind an offset; nil where there is none.
  func dependent(on path: FilePath, behind start: Int64) throws(SyncError) -> ThreadID? {
    if let found = known(path, in: start..<Int64.max) { return found }
    if let other = unreadable.first(where: { $0.path != path }) { throw .rollout(.file(other.error)) }
    return nil
  }

  /// A thread that goes on from bytes up to one behind the first of a range.
  private func known(_ path: FilePath, in range: Range<Int64>) -> ThreadID? {
    guard let name = path.rolloutName else { return nil }
    return dependents[name.rolloutID]?.first {
      $0.path != path && $0.endOffset > range.lowerBound && $0.endOffset <= range.upperBound
    }?.thread
  }
}

extension Dependents: ThreadKnowledge {
  func thread(of operation: Operation) -> String? { RollbackPlanner.thread(of: operation)?.text }

  func isBase(_ rollout: FilePath, in range: Range<Int64>) -> Bool { known(rollout, in: range) != nil }

  func mayBeBase(_ rollout: FilePath) -> Bool { unreadable.contains { $0.path != rollout } }
}
