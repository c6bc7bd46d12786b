import CanonicalJSON
import Journal
import SystemPackage

/// Threads that are called as their files are, without endings.
struct NamedThreads: ThreadKnowledge {
  /// Files that others go on from, and where.
  var bases: [FilePath: Int64] = [:]
  /// Whether some file cannot be read.
  var isInTheDark = false

  func thread(of operation: Operation) -> String? {
    switch operation {
    case .row(let change): return change.key["id"]?.string
    case .placeFile(let path, _), .takeFile(let path, _), .append(let path, _), .cut(let path, _),
      .moveFile(_, let path):
      return path.lastComponent?.string.split(separator: ".").first.map(String.init)
    default: return nil
    }
  }

  func isBase(_ rollout: FilePath, in range: Range<Int64>) -> Bool {
    bases[rollout].map { $0 > range.lowerBound && $0 <= range.upperBound } ?? false
  }

  func mayBeBase(_ rollout: FilePath) -> Bool { isInTheDark }
}
