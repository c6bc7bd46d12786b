import CanonicalJSON
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", #"{"b":1,"a":[1.50,"é\n",-3],"b":null}"#, "123456789012345678901234567890",
    "1E400",
    #"["\u0001\"\\"]"#,
  ])
  func comesBackAsItWas(text: String) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)).bytes.elementsEqual(text.utf8))
  }

  @Test func changesMembersInPlaceAndAppendsNewOnes() {
    var value: JSONValue = ["a": 1, "b": 2]
    value["a"] = "x"
    value["c"] = [true, .null]
    value["b"] = nil
    #expect(value.bytes.elementsEqual(#"{"a":"x","c":[true,null]}"#.utf8))
    value["zz"] = nil
    #expect(value.members?.count == 2)
  }

  @Test func setsAMemberToNull() {
    var value: JSONValue = [:]
    value["a"] = .some(.null)
    #expect(value.bytes.elementsEqual(#"{"a":null}"#.utf8))
  }

  @Test func ignoresAMemberSetOnAScalar() {
    var value: JSONValue = 1
    value["a"] = 2
    #expect(value == 1)
    #expect(value["a"] == nil)
  }

  @Test func answersOnlyForItsOwnKind() {
    #expect(JSONValue.string("1").integer == nil)
    #expect(JSONValue.integer(1).string == nil)
    #expect(JSONValue.integer(1).bool == nil)
    #expect(JSONValue.bool(true).integer == nil)
    #expect(JSONValue.object([]).array == nil)
    #expect(JSONValue.array([]).members == nil)
  }

  @Test func readsALoneSurrogateAsTheReplacementCharacter() throws {
    let value = try JSONValue(parsing: Array(#"{"\ud800":"\udfff"}"#.utf8))
    #expect(value == .object([.init("\u{FFFD}", "\u{FFFD}")]))
  }
}
