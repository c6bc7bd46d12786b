import Crypto
import DurableFiles
import SystemPackage

/// Writes one content file of a transaction and describes it.
///
/// Its name is durable once the intent is, which lies in the same folder.
public struct ContentWriter: ~Copyable {
  private let name: String
  private var writer: FileWriter
  private var hasher = SHA256()

  /// Begins a content file of a reserved name in a transaction's folder.
  public init(_ folder: FilePath, name: String) throws(JournalError) {
    self.name = name
    do throws(FileError) { writer = try FileWriter(creating: folder.appending(name)) } catch {
      throw .file(error)
    }
  }

  /// Writes the next bytes.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes[...]) }

  /// Writes the next bytes.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    hasher.update(data: bytes)
    try writer.write(bytes)
  }

  /// Ends the file; its bytes and, if given, its modification time are on disk.
  ///
  /// - Parameters:
  ///   - modified: its modification time; nil leaves it.
  ///   - mode: the mode that it is to have in the home; nil for what only ever is a part of a file.
  public mutating func finish(
    modified: FileTime? = nil, mode: AccessMode? = nil
  ) throws(FileError) -> Operation.Content {
    try writer.finish(modified: modified)
    return Operation.Content(
      name: name, sha256: FileDigest.hex(hasher.finalize()), size: writer.count, mode: mode)
  }
}
