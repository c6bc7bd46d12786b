/// The id of a thread, or of one of its rollouts: a UUID in lower case.
public struct ThreadID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The id as Codex writes it.
  public let text: String

  /// Validates `text`; nil where it is no UUID.
  ///
  /// Upper case is lowered.
  public init?(_ text: String) {
    let lowered = text.lowercased()
    guard Self.isUUID(lowered) else { return nil }
    self.text = lowered
  }

  /// Builds an id of the form UUIDv7 (RFC 9562) from a time and ten bytes of distinction.
  ///
  /// - Parameters:
  ///   - milliseconds: Unix time; the upper 48 bits of the id.
  ///   - entropy: at least ten bytes, of which the first 74 free bits are taken.
  public init(milliseconds: UInt64, entropy: [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: 16)
    for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * index)) }
    for (index, byte) in entropy.prefix(10).enumerated() { bytes[6 + index] = byte }
    bytes[6] = 0x70 | bytes[6] & 0x0F
    bytes[8] = 0x80 | bytes[8] & 0x3F
    text = Self.text(bytes)
  }

  /// Builds a random id of the form UUIDv4 from sixteen random bytes.
  public init(random: [UInt8]) {
    var bytes = Array((random + [UInt8](repeating: 0, count: 16)).prefix(16))
    bytes[6] = 0x40 | bytes[6] & 0x0F
    bytes[8] = 0x80 | bytes[8] & 0x3F
    text = Self.text(bytes)
  }

  private static func text(_ bytes: [UInt8]) -> String {
    let hex = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text.unicodeScalars.append(hex[Int(byte >> 4)])
      text.unicodeScalars.append(hex[Int(byte & 15)])
    }
    return text
  }

  /// The Unix time in milliseconds that a version 7 id begins with; nil for other versions.
  public var milliseconds: UInt64? {
    let digits = text.filter { $0 != "-" }
    guard digits.dropFirst(12).first == "7" else { return nil }
    return UInt64(digits.prefix(12), radix: 16)
  }

  /// The id itself.
  public var description: String { text }

  /// Orders by text, which for version 7 is the order of creation.
  public static func < (left: ThreadID, right: ThreadID) -> Bool { left.text < right.text }

  /// Decodes a validated id.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = ThreadID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
    }
    self = id
  }

  /// Encodes the id as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private static func isUUID(_ text: String) -> Bool {
    guard text.utf8.count == 36 else { return false }
    return text.utf8.enumerated().allSatisfy { index, byte in
      [8, 13, 18, 23].contains(index)
        ? byte == UInt8(ascii: "-")
        : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
  }
}
