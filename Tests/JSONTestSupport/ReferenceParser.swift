/// What a JSON text means: all that a canonical form may not change, and nothing else.
public indirect enum ReferenceValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// An integer's digits, with its sign unless it is zero.
  case integer(String)
  /// The bits of a number with a fraction or an exponent.
  case double(UInt64)
  /// Such a number that no double holds, as it is spelled.
  case huge(String)
  /// UTF-16, which can hold a lone surrogate.
  case string([UInt16])
  case array([ReferenceValue])
  /// Members in their order, duplicates included.
  case object([Member])

  /// A member of an object.
  public struct Member: Hashable, Sendable {
    /// The key, in UTF-16.
    public let key: [UInt16]
    /// The value.
    public let value: ReferenceValue
  }
}

/// A second, slow reader of JSON, made without looking at the first: one function per rule of RFC 8259.
public struct ReferenceParser {
  /// The text is no JSON.
  public struct Failure: Error {}

  /// Deepest nesting accepted.
  public static let depthLimit = 512

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  /// Reads a text.
  public static func parse(_ bytes: [UInt8]) throws -> ReferenceValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure() }
    var parser = ReferenceParser(bytes: bytes)
    let value = try parser.value()
    parser.space()
    guard parser.at == bytes.count else { throw Failure() }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func take(_ accepted: StaticString) -> UInt8? {
    guard at < bytes.count else { return nil }
    for index in 0..<accepted.utf8CodeUnitCount where accepted.utf8Start[index] == bytes[at] {
      at += 1
      return bytes[at - 1]
    }
    return nil
  }

  @discardableResult
  private mutating func expect(_ accepted: StaticString) throws -> UInt8 {
    guard let found = take(accepted) else { throw Failure() }
    return found
  }

  private mutating func space() { while take(" \t\r\n") != nil {} }

  private mutating func value() throws -> ReferenceValue {
    space()
    if take("{") != nil { return try nested { try $0.object() } }
    if take("[") != nil { return try nested { try $0.array() } }
    if take("\"") != nil { return .string(try string()) }
    for (word, value) in [("true", ReferenceValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where bytes[at...].starts(with: word.utf8) {
      at += word.utf8.count
      return value
    }
    return try number()
  }

  private mutating func nested(
    _ body: (inout ReferenceParser) throws -> ReferenceValue
  ) throws -> ReferenceValue {
    depth += 1
    guard depth <= Self.depthLimit else { throw Failure() }
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws -> ReferenceValue {
    var members: [ReferenceValue.Member] = []
    space()
    if take("}") != nil { return .object([]) }
    repeat {
      space()
      try expect("\"")
      let key = try string()
      space()
      try expect(":")
      members.append(.init(key: key, value: try value()))
      space()
    } while take(",") != nil
    try expect("}")
    return .object(members)
  }

  private mutating func array() throws -> ReferenceValue {
    var elements: [ReferenceValue] = []
    space()
    if take("]") != nil { return .array([]) }
    repeat {
      elements.append(try value())
      space()
    } while take(",") != nil
    try expect("]")
    return .array(elements)
  }

  private mutating func digits() throws {
    try expect("0123456789")
    while take("0123456789") != nil {}
  }

  private mutating func number() throws -> ReferenceValue {
    let start = at
    var isInteger = true
    _ = take("-")
    if take("0") == nil { try digits() }
    if take(".") != nil {
      try digits()
      isInteger = false
    }
    if take("eE") != nil {
      _ = take("+-")
      try digits()
      isInteger = false
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isInteger { return .integer(text == "-0" ? "0" : text) }
    guard let value = Double(text), value.isFinite else { return .huge(text) }
    return .double(value.bitPattern)
  }

  private mutating func unit() throws -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      let digit = try expect("0123456789abcdefABCDEF")
      unit = unit * 16 + UInt16(Character(UnicodeScalar(digit)).hexDigitValue ?? 0)
    }
    return unit
  }

  /// The units behind an opening quote.
  private mutating func string() throws -> [UInt16] {
    var units: [UInt16] = []
    while take("\"") == nil {
      guard at < bytes.count, bytes[at] >= 0x20 else { throw Failure() }
      if take("\\") != nil {
        switch try expect("\"\\/bfnrtu") {
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0C)
        case UInt8(ascii: "n"): units.append(0x0A)
        case UInt8(ascii: "r"): units.append(0x0D)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "u"): units.append(try unit())
        case let plain: units.append(UInt16(plain))
        }
      } else if bytes[at] < 0x80 {
        units.append(UInt16(bytes[at]))
        at += 1
      } else {
        let width = bytes[at] < 0xE0 ? 2 : bytes[at] < 0xF0 ? 3 : 4
        units += Array(String(decoding: bytes[at..<(at + width)], as: UTF8.self).utf16)
        at += width
      }
    }
    return units
  }
}
