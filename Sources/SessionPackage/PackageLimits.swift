import Rollout

/// How much a package may hold; one that holds more is refused as a whole.
///
/// What a session's transcript may ask for is told by `RolloutLimits`, and blocks that session alone.
public struct PackageLimits: Hashable, Sendable {
  /// What a limit is about.
  public enum Kind: String, Sendable {
    case entries, totalBytes, fileBytes, metadataBytes, metadataValues, nameBytes, nameBytesTogether, depth
    case sessions, compressionRatio
  }

  /// Files and folders together.
  public var entries = 200_000
  /// Threads that it has rows or transcripts of.
  public var sessions = 50_000
  /// Bytes of all files, unpacked.
  public var totalBytes: Int64 = 64 << 30
  /// Bytes of one file, unpacked.
  public var fileBytes: Int64 = 16 << 30
  /// Bytes of one file that is read into memory as a whole, and of one line of a file of lines: the manifest and what
  /// is in `metadata/` and `skeleton/`.
  public var metadataBytes: Int64 = 32 << 20
  /// Bytes of one file of lines in `metadata/`, of which each line is read alone.
  public var linesBytes: Int64 = 128 << 20
  /// JSON values, keys counted too, in all that is read into memory.
  ///
  /// Each takes some 50 bytes there, however few in the file. A row has about 90.
  public var metadataValues = 2_000_000
  /// Bytes of one entry's path.
  public var nameBytes = 1024
  /// Bytes of all entries' paths together.
  public var nameBytesTogether = 16 << 20
  /// Components of one entry's path.
  public var depth = 24
  /// Bytes unpacked for each byte of the archive; not looked at below `ratioFloor`.
  public var compressionRatio = RolloutLimits.ratio
  /// Bytes unpacked below which no archive is refused for its ratio.
  public var ratioFloor = RolloutLimits.floor

  /// Creates the standard limits, to be changed.
  public init() {}

  /// Far above any package seen, far below what fills a disk unnoticed.
  public static let standard = PackageLimits()

  func checkName(_ name: String) throws(PackageError) {
    if name.utf8.count > nameBytes {
      throw .overLimit(.nameBytes, limit: Int64(nameBytes), entry: String(name.prefix(80)))
    }
    if name.utf8.count(where: { $0 == UInt8(ascii: "/") }) >= depth {
      throw .overLimit(.depth, limit: Int64(depth), entry: name)
    }
  }

  func checkEntries(_ count: Int, names: Int, at name: String) throws(PackageError) {
    if count > entries { throw .overLimit(.entries, limit: Int64(entries), entry: name) }
    if names > nameBytesTogether {
      throw .overLimit(.nameBytesTogether, limit: Int64(nameBytesTogether), entry: name)
    }
  }

  /// Checks what was unpacked so far.
  func checkBytes(
    file: Int64, total: Int64, archive: Int64, at name: String
  ) throws(PackageError) {
    if file > fileBytes { throw .overLimit(.fileBytes, limit: fileBytes, entry: name) }
    if total > totalBytes { throw .overLimit(.totalBytes, limit: totalBytes, entry: name) }
    if total > ratioFloor && total / max(archive, 1) >= compressionRatio {
      throw .overLimit(.compressionRatio, limit: compressionRatio, entry: name)
    }
  }
}
