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
  /// Rollouts that cannot be read just now, and may go on from anything; Codex's forks are no longer where one is
  /// damaged.
  private var unreadable: [(path: FilePath, error: FileError)] = []

  init(_ rollouts: [HomeRollout]) {
    for rollout in rollouts {
      do throws(RolloutError) {
        guard let base = try RolloutPeek(rollout.path).meta.base else { continue }
        dependents[base.rollout, default: []].append(
          Dependent(path: rollout.path, thread: rollout.name.thread, endOffset: base.endOffset))
      } catch {
        // One that is gone was moved or removed meanwhile.
        if case .file(let error) = error, error.errno != .noSuchFileOrDirectory {
          unreadable.append((rollout.path, error))
        }
      }
    }
  }

  /// A thread that goes on from bytes of a rollout behind an offset; nil where there is none.
  func dependent(on path: FilePath, behind start: Int64) throws(SyncError) -> ThreadID? {
    if let found = known(path, behind: start) { return found }
    if let other = unreadable.first(where: { $0.path != path }) { throw .rollout(.file(other.error)) }
    return nil
  }

  private func known(_ path: FilePath, behind start: Int64) -> ThreadID? {
    guard let name = path.rolloutName else { return nil }
    return dependents[name.rolloutID]?.first { $0.path != path && $0.endOffset > start }?.thread
  }
}

extension Dependents: ThreadKnowledge {
  func thread(of operation: Operation) -> String? { RollbackPlanner.thread(of: operation)?.text }

  func isBase(_ rollout: FilePath, behind offset: Int64) -> Bool {
    known(rollout, behind: offset) != nil || unreadable.contains { $0.path != rollout }
  }
}
