import CanonicalJSON
import Journal
import SystemPackage

/// Threads that are called as their files are, without endings.
struct NamedThreads: ThreadKnowledge {
  /// Files that others go on from.
  var bases: Set<FilePath> = []

  func thread(of operation: Operation) -> String? {
    switch operation {
    case .row(let change): return change.key["id"]?.string
    case .placeFile(let path, _), .takeFile(let path, _), .append(let path, _), .cut(let path, _),
      .moveFile(_, let path):
      return path.lastComponent?.string.split(separator: ".").first.map(String.init)
    default: return nil
    }
  }

  func isBase(_ rollout: FilePath, behind offset: Int64) -> Bool { bases.contains(rollout) }
}
