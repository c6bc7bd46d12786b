import DurableFiles
import Rollout
import Synchronization
import SystemPackage

/// Rollouts read in this run: a file that did not change is read once.
final class ScanCache: Sendable {
  private let scans = Mutex<[FilePath: RolloutScan]>([:])

  /// Reads a rollout.
  ///
  /// - Parameter hashing: whether the digest of the file's content is wanted.
  func scan(_ path: FilePath, _ name: RolloutName, hashing: Bool = false) throws(RolloutError) -> RolloutScan
  {
    if let known = known(path, hashing: hashing) { return known }
    let scan = try Self.read(path, name, hashing: hashing)
    scans.withLock { $0[path] = scan }
    return scan
  }

  /// Reads files ahead, their content hashed, on all cores; one that cannot be read is left for whoever asks for it.
  ///
  /// - Parameter progress: told, from any thread, how many are read.
  func prepare(_ files: [(path: FilePath, name: RolloutName)], progress: @Sendable (Int) -> Void) {
    // The largest first: no core is to be left with it alone at the end.
    let largestFirst =
      files
      .map { (file: $0, size: ((try? FileStamp.of($0.path)) ?? nil)?.size ?? 0) }
      .sorted { $0.size > $1.size }.map(\.file)
    _ = Parallel.map(files.count, progress: progress) { index in
      (try? scan(largestFirst[index].path, largestFirst[index].name, hashing: true)) != nil
    }
  }

  private func known(_ path: FilePath, hashing: Bool) -> RolloutScan? {
    guard let known = scans.withLock({ $0[path] }), let stamp = try? FileStamp.of(path), stamp == known.stamp
    else { return nil }
    return known.content != nil || !hashing ? known : nil
  }

  /// A thread that Codex is writing to holds still between two records.
  private static func read(
    _ path: FilePath, _ name: RolloutName, hashing: Bool
  ) throws(RolloutError) -> RolloutScan {
    var attempts = 0
    while true {
      do throws(RolloutError) {
        return try RolloutScan(path, name: name, hashing: hashing)
      } catch {
        attempts += 1
        guard case .changed = error, attempts < 20 else { throw error }
      }
    }
  }
}
