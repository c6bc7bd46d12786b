import Testing

@testable import CanonicalJSON

@Suite struct GrammarTests {
  @Test(
    arguments: [
      ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
      ("[1,", .unexpectedEnd, 3), (#"{"a""#, .unexpectedEnd, 4), (#"{"a":"#, .unexpectedEnd, 5),
      ("\"a", .unexpectedEnd, 2),
      ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte, 3), ("True", .unexpectedByte, 0),
      ("nul1", .unexpectedByte, 3),
      ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 0),
      ("{,}", .unexpectedByte, 1), ("[,]", .unexpectedByte, 1), ("[1,]", .unexpectedByte, 3),
      (#"{"a":1,}"#, .unexpectedByte, 7), ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2),
      (#"{"a":1]"#, .unexpectedByte, 6), ("{1:2}", .unexpectedByte, 1), (#"{"a" 1}"#, .unexpectedByte, 5),
      (#"{"a"}"#, .unexpectedByte, 4), ("'a'", .unexpectedByte, 0), ("[1]]", .trailingBytes, 3),
      ("1 2", .trailingBytes, 2),
      ("{}x", .trailingBytes, 2), ("01", .invalidNumber, 0), ("-", .invalidNumber, 0),
      ("-01", .invalidNumber, 0),
      ("1.", .invalidNumber, 0), (".5", .unexpectedByte, 0), ("+1", .unexpectedByte, 0),
      ("1.e5", .invalidNumber, 0),
      ("1e", .invalidNumber, 0), ("1e+", .invalidNumber, 0), ("[1e5.5]", .unexpectedByte, 4),
      ("0x10", .trailingBytes, 1),
      (#""\x""#, .invalidEscape, 1), (#""\u12""#, .invalidEscape, 1), (#""\u12g4""#, .invalidEscape, 1),
      (#""\u+123""#, .invalidEscape, 1), (#""\"#, .invalidEscape, 1), ("\"a\nb\"", .controlInString, 2),
      ("\"\u{0}\"", .controlInString, 1), ("\"\u{1F}\"", .controlInString, 1),
      ("\u{FEFF}{}", .unexpectedByte, 0),
      ("\u{A0}1", .unexpectedByte, 0), ("\u{0}\u{0}\u{0}", .unexpectedByte, 0),
      ("[1]\u{0}", .trailingBytes, 3),
      ("// c\n1", .unexpectedByte, 0), ("\u{C}1", .unexpectedByte, 0),
    ] as [(String, JSONSyntaxError.Reason, Int)])
  func refuses(text: String, reason: JSONSyntaxError.Reason, offset: Int) {
    #expect(throws: JSONSyntaxError(reason: reason, offset: offset)) { try JSONText(Array(text.utf8)) }
  }

  @Test(
    arguments: [
      [0x80], [0xFF], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
      [0xF0, 0x80, 0x80, 0xAF],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80],
      [0xC3], [0xE2, 0x80], [0xF0, 0x9F, 0x99], [0xE2, 0x28, 0xA1],
    ] as [[UInt8]], ["", "1234567", "12345678", "123456789012345"])
  func refusesBytesThatAreNotUTF8(bad: [UInt8], before: String) {
    let text = [0x22] + Array(before.utf8) + bad + Array("\"".utf8)
    #expect(throws: JSONSyntaxError(reason: .invalidUTF8, offset: 1 + before.utf8.count)) {
      try JSONText(text)
    }
  }

  @Test func refusesBytesThatAreNotUTF8InAKeyAndBehindAnEscape() {
    for text in [[0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x22, 0x5C, 0x6E, 0xFF, 0x22]] as [[UInt8]] {
      #expect(throws: JSONSyntaxError(reason: .invalidUTF8, offset: text.firstIndex(of: 0xFF) ?? 0)) {
        try JSONText(text)
      }
    }
  }

  @Test(arguments: 0..<40) func findsTheEndOfAStringAtEveryPlaceOfAWord(length: Int) throws {
    for stop in ["\"", "\\n\"", "\\\"\"", "é\"", "\u{80}\\\\\""] {
      let text = "[\"" + String(repeating: "x", count: length) + stop + ",1]"
      #expect(try JSONText(Array(text.utf8)).root.elements.count == 2)
    }
    for byte in UInt8(0)..<0x20 {
      let text = [0x22] + [UInt8](repeating: 0x78, count: length) + [byte, 0x22]
      #expect(throws: JSONSyntaxError(reason: .controlInString, offset: 1 + length)) { try JSONText(text) }
    }
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
  func nestsToTheLimitAndNoDeeper(open: String, close: String) throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: open, count: depth - 1) + (open == "[" ? "[" : "{") + close).utf8)
        + Array(String(repeating: close, count: depth - 1).utf8)
    }
    let deepest = try JSONText(nested(JSONText.depthLimit))
    #expect(deepest.isCanonical)
    #expect {
      try JSONText(nested(JSONText.depthLimit + 1))
    } throws: {
      ($0 as? JSONSyntaxError)?.reason == .tooDeep
    }
    #expect(throws: JSONSyntaxError.self) { try JSONText([UInt8](repeating: 0x5B, count: 1_000_000)) }
  }
}
