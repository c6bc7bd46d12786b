import SystemPackage

/// A file of what can be found out again: nothing waits for the disk, and a crash may leave it torn.
public enum CacheFile {
  /// Appends to the file, which is created where it is missing.
  public static func append(_ bytes: [UInt8], to path: FilePath) throws(FileError) {
    if try FileStamp.of(path) == nil {
      return try OpenFile(creating: path, permissions: 0o600).write(bytes[...])
    }
    try OpenFile(writing: path).write(bytes[...])
  }
}
