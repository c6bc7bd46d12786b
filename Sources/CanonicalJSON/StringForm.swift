/// How one string may be spelled, and the one spelling that Codex itself writes (serde_json).
///
/// Canonical: `\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`, other controls as `\u00xx` in lower case, everything
/// else as raw UTF-8. A lone surrogate, which UTF-8 cannot hold, stays `\udxxx` in lower case.
enum StringForm {
  struct Escape {
    let length: Int
    let scalar: UInt32
    let isCanonical: Bool
  }

  /// Whether this byte behind a backslash makes a canonical escape of two bytes.
  static func isShort(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "n"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "t"), UInt8(ascii: "r"),
      UInt8(ascii: "b"), UInt8(ascii: "f"):
      true
    default: false
    }
  }

  /// Reads the escape at `at`, where `bytes` has a backslash; nil where it is none.
  ///
  /// A surrogate pair is one escape of twelve bytes.
  static func escape(_ bytes: borrowing Span<UInt8>, at: Int) -> Escape? {
    guard at + 1 < bytes.count else { return nil }
    switch bytes[at + 1] {
    case UInt8(ascii: "\""): return Escape(length: 2, scalar: 0x22, isCanonical: true)
    case UInt8(ascii: "\\"): return Escape(length: 2, scalar: 0x5C, isCanonical: true)
    case UInt8(ascii: "b"): return Escape(length: 2, scalar: 0x08, isCanonical: true)
    case UInt8(ascii: "f"): return Escape(length: 2, scalar: 0x0C, isCanonical: true)
    case UInt8(ascii: "n"): return Escape(length: 2, scalar: 0x0A, isCanonical: true)
    case UInt8(ascii: "r"): return Escape(length: 2, scalar: 0x0D, isCanonical: true)
    case UInt8(ascii: "t"): return Escape(length: 2, scalar: 0x09, isCanonical: true)
    case UInt8(ascii: "/"): return Escape(length: 2, scalar: 0x2F, isCanonical: false)
    case UInt8(ascii: "u"): return unicodeEscape(bytes, at: at)
    default: return nil
    }
  }

  private static func unicodeEscape(_ bytes: borrowing Span<UInt8>, at: Int) -> Escape? {
    guard let unit = hex(bytes, at: at + 2) else { return nil }
    if (0xD800..<0xDC00).contains(unit), at + 7 < bytes.count, bytes[at + 6] == UInt8(ascii: "\\"),
      bytes[at + 7] == UInt8(ascii: "u"), let low = hex(bytes, at: at + 8), (0xDC00..<0xE000).contains(low)
    {
      let scalar = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      return Escape(length: 12, scalar: scalar, isCanonical: false)
    }
    // Canonical where there is no shorter spelling, in lower case.
    let isControl = unit < 0x20 && ![0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(unit)
    var isCanonical = isControl || (0xD800..<0xE000).contains(unit)
    for index in (at + 2)..<(at + 6)
    where bytes[index] < UInt8(ascii: "a") && bytes[index] > UInt8(ascii: "9") {
      isCanonical = false
    }
    return Escape(length: 6, scalar: unit, isCanonical: isCanonical)
  }

  private static func hex(_ bytes: borrowing Span<UInt8>, at: Int) -> UInt32? {
    guard at + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for index in at..<(at + 4) {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: return nil
      }
    }
    return value
  }

  /// Appends the canonical spelling of one scalar, or of a lone surrogate.
  static func encode(_ scalar: UInt32, into output: inout [UInt8]) {
    switch scalar {
    case 0x22: output += [0x5C, 0x22]
    case 0x5C: output += [0x5C, 0x5C]
    case 0x08: output += [0x5C, UInt8(ascii: "b")]
    case 0x0C: output += [0x5C, UInt8(ascii: "f")]
    case 0x0A: output += [0x5C, UInt8(ascii: "n")]
    case 0x0D: output += [0x5C, UInt8(ascii: "r")]
    case 0x09: output += [0x5C, UInt8(ascii: "t")]
    case 0..<0x20, 0xD800..<0xE000:
      output += [0x5C, UInt8(ascii: "u")]
      for shift in [12, 8, 4, 0] {
        output.append(Array("0123456789abcdef".utf8)[Int(scalar >> UInt32(shift) & 15)])
      }
    default:
      if let scalar = Unicode.Scalar(scalar) { output.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    }
  }

  /// Appends the canonical spelling of a text, without quotes.
  static func encode(_ text: String, into output: inout [UInt8]) {
    for byte in text.utf8 {
      if byte >= 0x20 && byte != 0x22 && byte != 0x5C {
        output.append(byte)
      } else {
        encode(UInt32(byte), into: &output)
      }
    }
  }

  /// Resolves the escapes of a string's inside; false where it holds a lone surrogate.
  static func decode(_ body: ArraySlice<UInt8>, into output: inout [UInt8]) -> Bool {
    let bytes = Array(body)
    var at = 0
    while at < bytes.count {
      if bytes[at] == 0x5C, let escape = escape(bytes.span, at: at) {
        guard let scalar = Unicode.Scalar(escape.scalar), let encoded = UTF8.encode(scalar) else {
          return false
        }
        output.append(contentsOf: encoded)
        at += escape.length
      } else {
        output.append(bytes[at])
        at += 1
      }
    }
    return true
  }
}
