import Crypto
import DurableFiles
import Rollout
import SystemPackage

/// Writes one rollout of a package, and takes its checksum on the way.
public struct RolloutWriter: ~Copyable {
  /// A rollout that is in the package.
  public struct Written: Sendable, Hashable {
    /// Its path in the package.
    let path: String
    let digest: FileChecksum
  }

  private let path: String
  private let target: FilePath
  private var isFinished = false
  private var file: FileWriter
  private var hasher = SHA256()

  /// Begins a file; one that is there already is replaced.
  ///
  /// - Parameter isDurable: whether it is written for good, not into a scratch folder.
  init(_ name: RolloutName, in root: FilePath, isDurable: Bool) throws(FileError) {
    path = "sessions/\(name.text)"
    target = root.appending("sessions").appending(name.text)
    try DurableFile.remove(target)
    file = try FileWriter(creating: target, isDurable: isDurable)
  }

  /// Writes the next bytes.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    try file.write(bytes)
  }

  /// A rollout that could not be written to its end is none of the package's.
  deinit {
    if !isFinished { try? DurableFile.remove(target) }
  }

  /// Ends the file; its bytes and its modification time are on disk.
  public mutating func finish(modified: FileTime) throws(FileError) -> Written {
    try file.finish(modified: modified)
    isFinished = true
    return Written(path: path, digest: FileChecksum(size: file.count, hasher.finalize()))
  }
}
