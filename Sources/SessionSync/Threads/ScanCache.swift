import DurableFiles
import Rollout
import Synchronization
import SystemPackage

/// Rollouts read in this run: a file that did not change is read once.
final class ScanCache: Sendable {
  private let scans = Mutex<[FilePath: RolloutScan]>([:])
  /// What asks for too much, which takes the longest to find out.
  private let refused = Mutex<[FilePath: RolloutError]>([:])
  private let spending = Mutex(Spending())

  /// What the transcripts of a package may come to together, and have.
  private struct Spending {
    var files: Set<FilePath> = []
    var packed: Int64 = .max
    var memory: Int64 = 0
    var unfolded: Int64 = 0

    /// Takes one in; false where that is more than the package's size explains.
    mutating func takes(_ scan: RolloutScan) -> Bool {
      guard files.contains(scan.path) else { return true }
      let (memory, unfolded) = (memory + scan.memory, unfolded + scan.end.offset)
      guard memory - RolloutLimits.memory <= 2 * min(packed, .max / 2),
        !RolloutLimits.isOverRatio(unfolded, of: packed)
      else { return false }
      (self.memory, self.unfolded) = (memory, unfolded)
      return true
    }
  }

  /// Keeps the transcripts of a package to what its bytes explain: each of a thousand small ones may unfold to what one
  /// may.
  ///
  /// - Parameter packed: bytes that the package takes as it was given.
  func keep(_ files: [FilePath], to packed: Int64) {
    spending.withLock {
      if $0.files.isEmpty { $0 = Spending(files: Set(files), packed: packed) }
    }
  }

  /// Reads a rollout.
  ///
  /// - Parameter hashing: whether the digest of the file's content is wanted.
  func scan(_ path: FilePath, _ name: RolloutName, hashing: Bool = false) throws(RolloutError) -> RolloutScan
  {
    if let known = known(path, hashing: hashing) { return known }
    if let error = refused.withLock({ $0[path] }) { throw error }
    do throws(RolloutError) {
      let scan = try Self.read(path, name, hashing: hashing)
      guard spending.withLock({ $0.takes(scan) }) else { throw .overLimit(path, .package) }
      scans.withLock { $0[path] = scan }
      return scan
    } catch {
      if case .overLimit = error { refused.withLock { $0[path] = error } }
      throw error
    }
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
