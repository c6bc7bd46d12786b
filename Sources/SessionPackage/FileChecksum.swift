import Crypto
import DurableFiles
import SystemPackage

/// A file's length and SHA-256, as `metadata/checksums.json` keeps them.
struct FileChecksum: Hashable, Sendable {
  let size: Int64
  /// In lower-case hex.
  let sha256: String

  init(size: Int64, sha256: String) {
    self.size = size
    self.sha256 = sha256
  }

  init(size: Int64, _ digest: SHA256.Digest) { self.init(size: size, sha256: Self.hex(digest)) }

  /// Streams a file.
  init(of path: FilePath) throws(FileError) {
    let file = try OpenFile(reading: path)
    var hasher = SHA256()
    var offset: Int64 = 0
    try file.forEachChunk { chunk throws(FileError) in
      chunk.withUnsafeBytes { hasher.update(bufferPointer: $0) }
      offset += Int64(chunk.count)
    }
    self.init(size: offset, hasher.finalize())
  }

  /// Digests bytes in memory.
  init(of bytes: [UInt8]) {
    var hasher = SHA256()
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    self.init(size: Int64(bytes.count), hasher.finalize())
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return digest.withUnsafeBytes { bytes in
      String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
  }
}
