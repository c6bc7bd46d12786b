/// How one number is spelled, and the spelling that counts as canonical.
///
/// Integers keep their digits, however many (`-0` is `0`). A number with a fraction or an exponent is read as
/// a double and printed by the shortest-round-trip rule that Python's `repr` and serde share.
struct NumberForm {
  let length: Int
  let isCanonical: Bool

  /// Reads the number at `start` by the JSON grammar; nil where there is none.
  init?(_ bytes: borrowing Span<UInt8>, at start: Int) {
    var at = start
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let whole = Self.digits(bytes, &at)
    let hasLeadingZero = whole > 0 && bytes[at - whole] == UInt8(ascii: "0")
    guard whole > 0, !(hasLeadingZero && whole > 1) else { return nil }
    var fraction = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      fraction = Self.digits(bytes, &at)
      guard fraction > 0 else { return nil }
    }
    var hasExponent = false
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard Self.digits(bytes, &at) > 0 else { return nil }
      hasExponent = true
    }
    length = at - start
    if fraction == 0 && !hasExponent {
      isCanonical = !(isNegative && hasLeadingZero)
    } else if !hasExponent && whole + fraction <= 15
      && (bytes[at - 1] != UInt8(ascii: "0") || (fraction == 1 && !hasLeadingZero))
      && !(hasLeadingZero && bytes[at - fraction] == UInt8(ascii: "0"))
    {
      // A double keeps any fifteen digits apart, so there is no shorter spelling; from 0.1 on none has an exponent.
      isCanonical = true
    } else {
      let text = bytes.extracting(start..<at).withUnsafeBufferPointer { Array($0) }
      isCanonical = Self.canonicalDouble(text) == text
    }
  }

  private static func digits(_ bytes: borrowing Span<UInt8>, _ at: inout Int) -> Int {
    let from = at
    while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
    return at - from
  }

  /// The canonical spelling of a number that is JSON.
  static func canonical(_ text: [UInt8]) -> [UInt8] {
    let isInteger = !text.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
    if !isInteger { return canonicalDouble(text) }
    return text.elementsEqual("-0".utf8) ? [UInt8(ascii: "0")] : text
  }

  private static func canonicalDouble(_ text: [UInt8]) -> [UInt8] {
    guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return text }
    return Array(spelling(of: value).utf8)
  }

  /// Python's spelling of a double.
  ///
  /// It differs from Swift's only where 2^53 <= |x| < 1e16: Swift writes an exponent there.
  static func spelling(of value: Double) -> String {
    let magnitude = value.magnitude
    if magnitude >= 9_007_199_254_740_992 && magnitude < 1e16 { return "\(Int64(value)).0" }
    return value.description
  }
}
