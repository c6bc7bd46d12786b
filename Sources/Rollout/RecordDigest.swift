import Crypto

/// SHA-256 over the canonical bytes of one record, machine-bound slots masked.
public struct RecordDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Hashes bytes.
  public init(hashing bytes: some Sequence<UInt8>) {
    self.init(SHA256.hash(data: Array(bytes)))
  }

  /// Takes a finished digest.
  public init(_ digest: SHA256.Digest) {
    words = digest.withUnsafeBytes {
      (
        $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
      )
    }
  }

  /// Takes 32 bytes as they are; nil for any other number of them.
  public init?(bytes: ArraySlice<UInt8>) {
    guard bytes.count == 32 else { return nil }
    words = bytes.withUnsafeBytes {
      (
        $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
      )
    }
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    let digits = Array(hex.utf8)
    // `UInt64(_:radix:)` would take a sign.
    guard digits.count == 64, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")) else {
      return nil
    }
    var values: [UInt64] = []
    for start in stride(from: 0, to: 64, by: 16) {
      guard let value = UInt64(String(decoding: digits[start..<(start + 16)], as: UTF8.self), radix: 16)
      else {
        return nil
      }
      values.append(UInt64(bigEndian: value))
    }
    words = (values[0], values[1], values[2], values[3])
  }

  /// The digest's 32 bytes.
  public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  /// 64 hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    for byte in bytes {
      text.unicodeScalars.append(digits[Int(byte >> 4)])
      text.unicodeScalars.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// Compares all 32 bytes.
  public static func == (left: RecordDigest, right: RecordDigest) -> Bool {
    left.words == right.words
  }

  /// Feeds the digest's first bytes, which are distribution enough.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
  }

  /// Decodes hexadecimal text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = RecordDigest(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 digest")
    }
    self = digest
  }

  /// Encodes hexadecimal text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
