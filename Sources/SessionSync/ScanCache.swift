import DurableFiles
import Rollout
import SystemPackage

/// Rollouts read in this run: a file that did not change is read once.
final class ScanCache {
  private var scans: [FilePath: RolloutScan] = [:]

  /// - Parameter hashing: whether the digest of the file's content is wanted.
  func scan(_ path: FilePath, _ name: RolloutName, hashing: Bool = false) throws(RolloutError) -> RolloutScan
  {
    if let known = scans[path], let stamp = try? FileStamp.of(path), stamp == known.stamp,
      known.content != nil || !hashing
    {
      return known
    }
    var attempts = 0
    while true {
      do throws(RolloutError) {
        let scan = try RolloutScan(path, name: name, hashing: hashing)
        scans[path] = scan
        return scan
      } catch {
        // A thread that Codex is writing to holds still between two records.
        attempts += 1
        guard case .changed = error, attempts < 20 else { throw error }
      }
    }
  }
}
