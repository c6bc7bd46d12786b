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

  /// Hashes bytes: 64 hexadecimal digits.
  static func sha256(of bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  static func hex(_ digest: SHA256.Digest) -> String {
    digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
