import CanonicalJSON
import Testing

/// The claims of the research page on figures, §3.1, one test each.
@Suite struct CanonicalFormTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: try JSONText(Array(text.utf8)).canonical, as: UTF8.self)
  }

  @Test func dropsSpaceOutsideStringsAndATrailingCarriageReturn() throws {
    #expect(try canonical(" { \"a b\" :\t[ 1 ,\n2 ] } \r") == #"{"a b":[1,2]}"#)
  }

  @Test(arguments: [
    (#""\/""#, #""/""#), (#""\u0041""#, #""A""#), (#""\u00e9""#, #""é""#), (#""\u00E9""#, #""é""#),
    (#""\ud83d\ude42""#, #""🙂""#), (#""\u000a\u0009\u000D\u0008\u000c""#, #""\n\t\r\b\f""#),
    (#""\u0022\u005C""#, #""\"\\""#),
    (#""\u001F\u0000""#, #""\u001f\u0000""#), (#""\u007f""#, "\"\u{7F}\""), (#""\u2028""#, "\"\u{2028}\""),
    (#""\uFFFF""#, "\"\u{FFFF}\""), (#""\/\/""#, #""//""#),
  ])
  func spellsStringsAsCodexDoes(text: String, expected: String) throws {
    #expect(try canonical(text) == expected)
  }

  @Test(arguments: [
    (#""\uD800""#, #""\ud800""#), (#""\uDFFF\uD800""#, #""\udfff\ud800""#),
    (#""\uD83D\uD83D\uDE42""#, #""\ud83d🙂""#),
    (#""\uD83Dé""#, #""\ud83dé""#), (#""\uD83D\u0041""#, #""\ud83dA""#),
  ])
  func keepsALoneSurrogateInLowerCase(text: String, expected: String) throws {
    #expect(try canonical(text) == expected)
    #expect(try canonical(expected) == expected)
    #expect(try JSONText(Array(expected.utf8)).isCanonical)
  }

  @Test(arguments: [
    "0", "7", "-7", "123456789012345678901234567890", "-18446744073709551616", "9007199254740993",
  ])
  func keepsIntegersAsText(text: String) throws {
    #expect(try canonical(text) == text)
    #expect(try JSONText(Array(text.utf8)).isCanonical)
  }

  @Test(arguments: [
    ("-0", "0"), ("-0.0", "-0.0"), ("0.0", "0.0"), ("1.0", "1.0"), ("1.50", "1.5"), ("1e5", "100000.0"),
    ("1E5", "100000.0"),
    ("1e+5", "100000.0"), ("0.1", "0.1"), ("0.10000000000000001", "0.1"),
    ("0.1000000000000000055511151231257827", "0.1"),
    ("5e-324", "5e-324"), ("3e-324", "5e-324"), ("4.9406564584124654e-324", "5e-324"), ("2e-324", "0.0"),
    ("1e-400", "0.0"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"), ("1e16", "1e+16"), ("1e15", "1000000000000000.0"),
    ("9007199254740992.0", "9007199254740992.0"), ("9007199254740993.0", "9007199254740992.0"),
    ("9999999999999998.0", "9999999999999998.0"), ("-9.007199254740994e15", "-9007199254740994.0"),
    ("9999999999999999.0", "1e+16"), ("0.0001", "0.0001"), ("0.00001", "1e-05"), ("1e-7", "1e-07"),
    ("1e22", "1e+22"),
    ("1e23", "1e+23"), ("123456.789e3", "123456789.0"), ("1795383223.1250243", "1795383223.1250243"),
  ])
  func printsOtherNumbersByTheShortestRoundTripRule(text: String, expected: String) throws {
    #expect(try canonical(text) == expected)
    #expect(try canonical("[\(text)]") == "[\(expected)]")
    #expect(try canonical(expected) == expected)
    #expect(try JSONText(Array(text.utf8)).isCanonical == (text == expected))
  }

  @Test(arguments: ["1E400", "-1e400", "1e99999999999999999999"])
  func keepsANumberThatNoDoubleHolds(text: String) throws {
    #expect(try canonical(text) == text)
  }

  @Test func keepsKeyOrderAndDuplicateKeys() throws {
    #expect(
      try canonical(#"{"b": 1, "a": 2, "b": 3, "10": 4, "9": 5}"#) == #"{"b":1,"a":2,"b":3,"10":4,"9":5}"#)
  }

  @Test func isTheTextItselfWhereNothingIsToBeChanged() throws {
    let text = Array(#"{"a":[1,2.5,"x\n\u001fé🙂",null,true,false,{},[]]}"#.utf8)
    let parsed = try JSONText(text)
    #expect(parsed.isCanonical)
    #expect(parsed.canonical == text)
  }

  @Test(arguments: [true, false]) func removesMembersAndReplacesValues(isCanonical: Bool) throws {
    let text = isCanonical ? #"{"a":1,"b":[2,3],"c":"é"}"# : #"{"a": 1, "b": [2, 3], "c": "\u00e9"}"#
    func edited(_ edit: (inout JSONSplice, JSONCursor) -> Void) throws -> String {
      let parsed = try JSONText(Array(text.utf8))
      var splice = JSONSplice(parsed)
      edit(&splice, parsed.root)
      return String(decoding: splice.canonical, as: UTF8.self)
    }
    func removed(_ keys: String...) throws -> String {
      try edited { splice, root in keys.forEach { splice.remove($0, from: root) } }
    }
    #expect(try removed() == #"{"a":1,"b":[2,3],"c":"é"}"#)
    #expect(try removed("a") == #"{"b":[2,3],"c":"é"}"#)
    #expect(try removed("b") == #"{"a":1,"c":"é"}"#)
    #expect(try removed("c") == #"{"a":1,"b":[2,3]}"#)
    #expect(try removed("a", "b") == #"{"c":"é"}"#)
    #expect(try removed("a", "b", "c") == "{}")
    #expect(
      try edited { splice, root in
        root["b"].map { splice.replace($0, with: ["X"]) }
        splice.remove("c", from: root)
      } == #"{"a":1,"b":["X"]}"#)
  }
}
