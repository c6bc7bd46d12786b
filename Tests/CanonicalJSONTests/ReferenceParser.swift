import CanonicalJSON

/// A second, slow reader of JSON, made without looking at the first: one function per rule of the grammar.
struct ReferenceParser {
  struct Failure: Error {}

  private var rest: ArraySlice<UInt8>

  static func parse(_ bytes: [UInt8]) throws -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure() }
    var parser = ReferenceParser(rest: bytes[...])
    let value = try parser.value()
    parser.space()
    guard parser.rest.isEmpty else { throw Failure() }
    return value
  }

  private mutating func take(_ accepted: String) -> String? {
    guard let byte = rest.first, accepted.utf8.contains(byte) else { return nil }
    rest = rest.dropFirst()
    return String(UnicodeScalar(byte))
  }

  private mutating func expect(_ accepted: String) throws -> String {
    guard let found = take(accepted) else { throw Failure() }
    return found
  }

  private mutating func space() { while take(" \t\r\n") != nil {} }

  private mutating func value() throws -> JSONValue {
    space()
    if take("{") != nil { return try object() }
    if take("[") != nil { return try array() }
    if take("\"") != nil { return .string(try string()) }
    for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where rest.starts(with: word.utf8) {
      rest = rest.dropFirst(word.utf8.count)
      return value
    }
    return try number()
  }

  private mutating func object() throws -> JSONValue {
    var members: [JSONValue.Member] = []
    space()
    if take("}") != nil { return .object([]) }
    repeat {
      space()
      _ = try expect("\"")
      let key = try string()
      space()
      _ = try expect(":")
      members.append(.init(key, try value()))
      space()
    } while take(",") != nil
    _ = try expect("}")
    return .object(members)
  }

  private mutating func array() throws -> JSONValue {
    var elements: [JSONValue] = []
    space()
    if take("]") != nil { return .array([]) }
    repeat {
      elements.append(try value())
      space()
    } while take(",") != nil
    _ = try expect("]")
    return .array(elements)
  }

  private mutating func digits() throws -> String {
    var text = try expect("0123456789")
    while let digit = take("0123456789") { text += digit }
    return text
  }

  private mutating func number() throws -> JSONValue {
    var text = take("-") ?? ""
    if let zero = take("0") { text += zero } else { text += try digits() }
    if let dot = take(".") { text += dot + (try digits()) }
    if let exponent = take("eE") { text += exponent + (take("+-") ?? "") + (try digits()) }
    return Int64(text).map(JSONValue.integer) ?? .number(text)
  }

  private mutating func unit() throws -> UInt16 {
    var digits = ""
    for _ in 0..<4 { digits += try expect("0123456789abcdefABCDEF") }
    guard let unit = UInt16(digits, radix: 16) else { throw Failure() }
    return unit
  }

  /// The text behind an opening quote; lone surrogates make all of it one replacement character.
  private mutating func string() throws -> String {
    var units: [UInt16] = []
    while take("\"") == nil {
      guard let byte = rest.first, byte >= 0x20 else { throw Failure() }
      if take("\\") != nil {
        switch try expect("\"\\/bfnrtu") {
        case "b": units.append(0x08)
        case "f": units.append(0x0C)
        case "n": units.append(0x0A)
        case "r": units.append(0x0D)
        case "t": units.append(0x09)
        case "u": units.append(try unit())
        case let plain: units += Array(plain.utf16)
        }
      } else {
        let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        units += Array(String(decoding: rest.prefix(width), as: UTF8.self).utf16)
        rest = rest.dropFirst(width)
      }
    }
    return String(validating: units, as: UTF16.self) ?? "\u{FFFD}"
  }
}
