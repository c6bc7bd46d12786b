import Crypto
import DurableFiles
import SystemPackage

/// SHA-256 of files and of ranges of them.
public enum FileDigest {
  /// Hashes `count` bytes from `start`; nil where the file is shorter.
  ///
  /// 64 hexadecimal digits.
  public static func sha256(of path: FilePath, from start: Int64 = 0, count: Int64) throws(FileError)
    -> String?
  {
    let file = try OpenFile(reading: path)
    var hasher = SHA256()
    var at = start
    while at < start + count {
      let chunk = try file.read(at: at, count: Int(min(Int64(FileReading.chunkSize), start + count - at)))
      if chunk.isEmpty { return nil }
      hasher.update(data: chunk)
      at += Int64(chunk.count)
    }
    return hex(hasher.finalize())
  }

  static func hex(_ digest: SHA256.Digest) -> String {
    digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}

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
  public mutating func finish(modified: FileTime? = nil) throws(FileError) -> Operation.Content {
    try writer.finish(modified: modified)
    return Operation.Content(name: name, sha256: FileDigest.hex(hasher.finalize()), size: writer.count)
  }
}
