import CanonicalJSON
import Testing

@Suite struct SpliceTests {
  private func spliced(_ text: String, _ edit: (inout JSONSplice, JSONCursor) throws -> Void) throws -> String
  {
    let parsed = try JSONText(Array(text.utf8))
    var splice = JSONSplice(parsed)
    try edit(&splice, parsed.root)
    let result = splice.result
    _ = try JSONText(result)
    return String(decoding: result, as: UTF8.self)
  }

  @Test func leavesTheTextAloneWithoutEdits() throws {
    let text = " { \"a\" : 1.50 } "
    #expect(try spliced(text) { _, _ in } == text)
    #expect(JSONSplice(try JSONText([0x31])).isEmpty)
  }

  @Test(arguments: [
    ("a", #"{ "b" : 2, "c":3 }"#), ("b", #"{ "a":1, "c":3 }"#), ("c", #"{ "a":1, "b" : 2 }"#),
    ("x", #"{ "a":1, "b" : 2, "c":3 }"#),
  ])
  func removesOneMember(key: String, expected: String) throws {
    #expect(try spliced(#"{ "a":1, "b" : 2, "c":3 }"#) { $0.remove(key, from: $1) } == expected)
  }

  @Test func removesTheOnlyMember() throws {
    #expect(try spliced(#"{ "a":1 }"#) { $0.remove("a", from: $1) } == "{  }")
  }

  @Test func losesNoneOfSeveralRemovals() throws {
    for (keys, expected) in [
      (["a", "b"], #"{"c":3}"#), (["b", "c"], #"{"a":1}"#), (["c", "b"], #"{"a":1}"#),
      (["a", "c"], #"{"b":2}"#),
      (["a", "b", "c"], "{}"), (["b", "b"], #"{"a":1,"c":3}"#),
    ] {
      let result = try spliced(#"{"a":1,"b":2,"c":3}"#) { splice, root in
        for key in keys { splice.remove(key, from: root) }
      }
      #expect(result == expected)
    }
  }

  @Test func removesEveryMemberWithTheKey() throws {
    #expect(try spliced(#"{"a":1,"b":2,"\u0061":3}"#) { $0.remove("a", from: $1) } == #"{"b":2}"#)
  }

  @Test func appendsToEmptyAndOtherObjects() throws {
    #expect(try spliced("{}") { $0.append("n", "x", to: $1) } == #"{"n":"x"}"#)
    #expect(try spliced("{ }") { $0.append("n", 1, to: $1) } == #"{"n":1 }"#)
    #expect(try spliced(#"{ "a": [1] }"#) { $0.append("n", 1, to: $1) } == #"{ "a": [1],"n":1 }"#)
  }

  @Test func appendsSeveralMembersInOrder() throws {
    for (text, expected) in [("{}", #"{"m":1,"n":2}"#), (#"{"a":0}"#, #"{"a":0,"m":1,"n":2}"#)] {
      let result = try spliced(text) { splice, root in
        splice.append("m", 1, to: root)
        splice.append("n", 2, to: root)
      }
      #expect(result == expected)
    }
  }

  @Test func appendsWhereAllMembersAreRemoved() throws {
    let result = try spliced(#"{"a":1,"b":2}"#) { splice, root in
      splice.remove("b", from: root)
      splice.append("n", 1, to: root)
      splice.remove("a", from: root)
    }
    #expect(result == #"{"n":1}"#)
  }

  @Test func replacesSeveralValuesAndTouchesNothingElse() throws {
    let text = #" { "a" : "x\/y" , "b" : [ 1.0 , {"c":null} ] , "d":"\u0041" }"# + "\r"
    let result = try spliced(text) { splice, root in
      splice.replace(try #require(root["b"]?.elements.last?["c"]), with: ["k": "v"])
      splice.replace(try #require(root["a"]), with: "é\n")
      splice.append("e", false, to: root)
    }
    #expect(result == #" { "a" : "é\n" , "b" : [ 1.0 , {"c":{"k":"v"}} ] , "d":"\u0041","e":false }"# + "\r")
  }

  @Test func replacesPartOfAString() throws {
    let result = try spliced(#"{"a":"<x>old</x>"}"#) { splice, root in
      let start = try #require(root["a"]).range.lowerBound + 4
      splice.replace(start..<(start + 3), with: Array("new one".utf8))
    }
    #expect(result == #"{"a":"<x>new one</x>"}"#)
  }

  @Test func editsNestedObjectsEachOnTheirOwn() throws {
    let result = try spliced(#"{"p":{"a":1,"b":2},"q":{}}"#) { splice, root in
      splice.remove("b", from: try #require(root["p"]))
      splice.append("n", 1, to: try #require(root["p"]))
      splice.append("n", 2, to: try #require(root["q"]))
      splice.append("n", 3, to: root)
    }
    #expect(result == #"{"p":{"a":1,"n":1},"q":{"n":2},"n":3}"#)
  }

  @Test func appendsNothingToWhatIsNoObject() throws {
    for text in ["[1]", "5", "\"a\"", "[]"] {
      #expect(try spliced(text) { $0.append("n", 1, to: $1) } == text)
    }
  }
}
