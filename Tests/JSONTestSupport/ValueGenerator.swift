import CanonicalJSON

/// Makes random JSON values with a liking for what goes wrong.
public struct ValueGenerator<Source: RandomNumberGenerator> {
  /// Where the randomness comes from.
  public var source: Source

  /// Creates a generator.
  public init(source: Source) { self.source = source }

  /// A value with at most `depth` levels.
  public mutating func value(depth: Int = 4) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &source) {
    case 0: return [.null, true, false].randomElement(using: &source) ?? .null
    case 1: return .integer(.random(in: -1000...1000, using: &source))
    case 2: return .integer(.random(in: Int64.min...Int64.max, using: &source))
    case 3: return .number(number())
    case 4...6: return .string(string())
    case 7: return .array((0..<Int.random(in: 0..<5, using: &source)).map { _ in value(depth: depth - 1) })
    default:
      return .object(
        (0..<Int.random(in: 0..<5, using: &source)).map { _ in .init(string(), value(depth: depth - 1)) })
    }
  }

  /// A number with a fraction or an exponent, in one of its possible spellings.
  public mutating func number() -> String {
    switch Int.random(in: 0..<6, using: &source) {
    case 0:
      let double = Double(bitPattern: source.next())
      return double.isFinite && !"\(double)".contains("inf") ? spelled("\(double)") : "0.5"
    case 1: return "\(Int64.random(in: 9_007_199_254_740_992..<10_000_000_000_000_000, using: &source)).0"
    case 2: return spelled("\(Double.random(in: 8e15...1.1e16, using: &source))")
    case 3:
      return
        "\(Int64.random(in: -99999...99999, using: &source))e\(Int.random(in: -330...300, using: &source))"
    case 4:
      return
        "\(Int.random(in: 0...9999, using: &source)).\(UInt64.random(in: 0...UInt64.max, using: &source))0"
    default: return spelled("\(Double(Float(bitPattern: UInt32(source.next() & 0x7F7F_FFFF))))")
    }
  }

  private mutating func spelled(_ text: String) -> String {
    if text.contains("e") { return Bool.random(using: &source) ? text.uppercased() : text }
    return text + (Bool.random(using: &source) ? "" : "00")
  }

  /// A string.
  public mutating func string() -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<20, using: &source) {
      let range: ClosedRange<UInt32> =
        switch Int.random(in: 0..<8, using: &source) {
        case 0: 0...0x1F
        case 1: 0x22...0x2F
        case 2: 0x5B...0x5D
        case 3: 0x7F...0xFF
        case 4: 0x2000...0x2030
        case 5: 0xE000...0xFFFF
        case 6: 0x10000...0x10FFFF
        default: 0x61...0x7A
        }
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &source)) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
