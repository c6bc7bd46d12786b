import SystemPackage

/// A new file in a scratch folder, for its owner only.
///
/// Nothing waits for the disk: what is there is thrown away after use, and flushing each file makes opening an archive
/// of 1,000 sessions take five seconds.
public struct ScratchFile: ~Copyable {
  private let file: OpenFile

  /// Creates the file, which must not exist.
  public init(creating path: FilePath) throws(FileError) {
    file = try OpenFile(creating: path, permissions: 0o600)
  }

  /// Writes the next bytes.
  public func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes[...]) }

  /// Gives the file another modification time, where that can be.
  public func setModified(_ time: FileTime) { file.setModified(time) }

  /// Copies a file into a scratch folder.
  public static func copy(_ path: FilePath, to target: FilePath) throws(FileError) {
    let source = try OpenFile(reading: path)
    let copy = try ScratchFile(creating: target)
    try source.forEachChunk { chunk throws(FileError) in try copy.write(chunk) }
  }
}
