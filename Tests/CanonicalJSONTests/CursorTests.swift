import CanonicalJSON
import Testing

@Suite struct CursorTests {
  private func root(_ text: String) throws -> JSONCursor { try JSONText(Array(text.utf8)).root }

  @Test func walksObjectsAndArrays() throws {
    let cursor = try root(#"{"a":[1,{"b":[]},"x"],"c":{"d":true}}"#)
    #expect(cursor.members.map(\.key.string) == ["a", "c"])
    #expect(cursor["a"]?.elements.map(\.kind) == [.number, .object, .string])
    #expect(cursor["a"]?.elements[1]["b"]?.kind == .array)
    #expect(cursor["c"]?["d"]?.bool == true)
  }

  @Test func findsTheFirstOfDuplicateKeysAndListsAll() throws {
    let cursor = try root(#"{"a":1,"b":2,"a":3}"#)
    #expect(cursor["a"]?.integer == 1)
    #expect(cursor.members.map(\.value.integer) == [1, 2, 3])
  }

  @Test func findsAKeyInAnySpelling() throws {
    #expect(try root(#"{"\u0063wd":"x"}"#)["cwd"]?.string == "x")
    #expect(try root(#"{"a\/b":1}"#)["a/b"]?.integer == 1)
    #expect(try root(#"{"\ud83d\ude42":1}"#)["🙂"]?.integer == 1)
    #expect(try root(#"{"cwd\u0000":1}"#)["cwd"] == nil)
  }

  @Test func hasNothingInsideAScalar() throws {
    for text in ["1", "\"a\"", "null"] {
      #expect(try root(text)["a"] == nil)
      #expect(try root(text).members.isEmpty)
      #expect(try root(text).elements.isEmpty)
    }
    #expect(try root("[1]")["a"] == nil)
    #expect(try root("{}").elements.isEmpty)
  }

  @Test func resolvesEscapes() throws {
    #expect(try root(#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude42é""#).string == "\"\\/\u{8}\u{C}\n\r\tA🙂é")
  }

  @Test(arguments: [
    #""\ud83d""#, #""\ude42""#, #""\ude42\ud83d""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ud83d\n""#,
  ])
  func hasNoTextForALoneSurrogate(text: String) throws {
    #expect(try root(text).string == nil)
  }

  @Test func readsIntegersThatFit() throws {
    #expect(try root("9223372036854775807").integer == .max)
    #expect(try root("-9223372036854775808").integer == .min)
    #expect(try root("9223372036854775808").integer == nil)
    #expect(try root("1.0").integer == nil)
    #expect(try root("1e3").integer == nil)
    #expect(try root("-0").integer == 0)
    #expect(try root("\"1\"").integer == nil)
  }

  @Test func givesTheBytesOfAValueAsTheyStand() throws {
    let cursor = try root(#"{ "a" : [ 1 , "\/" ] }"#)
    #expect(try #require(cursor["a"]).rawBytes.elementsEqual(#"[ 1 , "\/" ]"#.utf8))
    #expect(cursor["a"]?.range == 8..<20)
  }
}
