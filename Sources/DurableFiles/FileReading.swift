import SystemPackage

/// Reads whole small files and streams large ones.
public enum FileReading {
  /// How much one step of a stream reads, in bytes.
  public static let chunkSize = 1 << 20

  /// Reads a file that must not be longer than `limit` bytes; `.fileTooLarge` where it is.
  public static func bytes(
    of path: FilePath, limit: Int = 1 << 28, followingLinks: Bool = false
  ) throws(FileError) -> [UInt8] {
    let file = try OpenFile(reading: path, followingLinks: followingLinks)
    let size = try file.stamp().size
    guard size <= limit else { throw FileError(.read, path, .fileTooLarge) }
    return try file.read(at: 0, count: Int(size))
  }

  /// Reads a small file, or nil where nothing is there.
  public static func bytesIfPresent(
    of path: FilePath, limit: Int = 1 << 28, followingLinks: Bool = false
  ) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try bytes(of: path, limit: limit, followingLinks: followingLinks)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }
}
