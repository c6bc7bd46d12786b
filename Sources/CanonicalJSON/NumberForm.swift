/// How one number is spelled, and the spelling that counts as canonical.
///
/// Integers keep their digits, however many (`-0` is `0`). A number with a fraction or an exponent is read as
/// a double and printed by the shortest-round-trip rule that Python's `repr` and serde share.
struct NumberForm {
  let length: Int
  let isInteger: Bool
  let isCanonical: Bool

  /// Reads the number at `at` by the JSON grammar; nil where there is none.
  init?(_ bytes: [UInt8], at start: Int) {
    var at = start
    func digits() -> Int {
      let from = at
      while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
      return at - from
    }
    func skip(_ accepted: StaticString) -> Bool {
      guard at < bytes.count,
        (0..<accepted.utf8CodeUnitCount).contains(where: { accepted.utf8Start[$0] == bytes[at] })
      else { return false }
      at += 1
      return true
    }
    let negative = skip("-")
    let leadingZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(leadingZero && whole > 1) else { return nil }
    var integer = true
    if skip(".") {
      guard digits() > 0 else { return nil }
      integer = false
    }
    if skip("eE") {
      _ = skip("+-")
      guard digits() > 0 else { return nil }
      integer = false
    }
    length = at - start
    isInteger = integer
    let text = bytes[start..<at]
    if integer {
      isCanonical = !(negative && leadingZero)
    } else {
      isCanonical = Self.canonicalDouble(text).elementsEqual(text)
    }
  }

  /// The canonical spelling of a number that is JSON.
  static func canonical(_ text: ArraySlice<UInt8>, isInteger: Bool) -> [UInt8] {
    if !isInteger { return canonicalDouble(text) }
    return text.elementsEqual("-0".utf8) ? [UInt8(ascii: "0")] : Array(text)
  }

  private static func canonicalDouble(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
      return Array(text)
    }
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
