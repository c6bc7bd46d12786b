/// The name of an entry as text, whatever bytes it is of.
///
/// Zip tools of Windows store names in the code page of their system (GBK, Shift_JIS, cp437), and macOS puts files
/// called `Icon` and a carriage return into folders. Such a name is no attack: what a package is read from has ASCII
/// names, so that only a wrapping folder or a stray file can have one. Bytes that are no UTF-8, and control characters,
/// become `%` and two digits.
struct EntryName: Hashable, Sendable {
  /// With `/` between components.
  let text: String
  /// The components that are spelled otherwise than the entry has them: nothing is written under these names.
  let spelled: Set<String>

  init(_ bytes: some Sequence<UInt8>) {
    var parts: [String] = []
    var spelled: Set<String> = []
    for part in Array(bytes).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      let decoded = String(validating: part, as: UTF8.self)
      if let decoded, !decoded.unicodeScalars.contains(where: Self.isControl) {
        parts.append(decoded)
      } else {
        let text = decoded.map(Self.visible) ?? Self.spelled(part)
        spelled.insert(text)
        parts.append(text)
      }
    }
    text = parts.joined(separator: "/")
    self.spelled = spelled
  }

  private static func visible(_ text: String) -> String {
    text.unicodeScalars.map { isControl($0) ? spelled(Array(String($0).utf8)[...]) : String($0) }.joined()
  }

  /// All but printable ASCII as digits: in a two-byte code page a backslash may be half a character.
  private static func spelled(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789ABCDEF")
    return bytes.map { byte in
      (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\")
        ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }.joined()
  }

  /// A NUL ends a name for the system: it stays what it is, and is refused.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value != 0 && scalar.properties.generalCategory == .control
  }
}
