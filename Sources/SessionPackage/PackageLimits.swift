/// How much a package may hold; one that holds more is refused as a whole.
public struct PackageLimits: Hashable, Sendable {
  /// What a limit is about.
  public enum Kind: String, Sendable {
    case entries, totalBytes, fileBytes, metadataBytes, nameBytes, depth, compressionRatio
  }

  /// Files and folders together.
  public var entries = 200_000
  /// Bytes of all files, unpacked.
  public var totalBytes: Int64 = 64 << 30
  /// Bytes of one file, unpacked.
  public var fileBytes: Int64 = 16 << 30
  /// Bytes of one file that is read into memory: the manifest and what is in `metadata/` and `skeleton/`.
  public var metadataBytes: Int64 = 256 << 20
  /// Bytes of one entry's path.
  public var nameBytes = 1024
  /// Components of one entry's path.
  public var depth = 24
  /// Bytes unpacked for each byte of the archive; not looked at below `ratioFloor`.
  public var compressionRatio: Int64 = 250
  /// Bytes unpacked below which no archive is refused for its ratio.
  public var ratioFloor: Int64 = 1 << 30

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

  func checkEntries(_ count: Int, at name: String) throws(PackageError) {
    if count > entries { throw .overLimit(.entries, limit: Int64(entries), entry: name) }
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
