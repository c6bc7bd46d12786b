import Crypto

extension RecordReader {
  /// The digest of the line read last: SHA-256 over its canonical bytes, masked.
  mutating func digest(_ line: Span<UInt8>) -> RecordDigest {
    var hasher = SHA256()
    canonical(line) { piece in
      piece.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }
    return RecordDigest(hasher.finalize())
  }
}
