import CanonicalJSON
import JSONTestSupport
import Testing

@Suite struct CanonicalScannerTests {
  /// The canonical bytes that a scanner hands out, all pieces together.
  private func canonical(
    _ bytes: [UInt8], edits: [JSONEdit] = [], _ scanner: inout CanonicalScanner
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    try scanner.scan(bytes.span)
    scanner.canonical(bytes.span, edits: edits) { piece in
      piece.withUnsafeBufferPointer { output += $0 }
    }
    return output
  }

  @Test func isRightAgainAfterATextThatIsNone() throws {
    var scanner = CanonicalScanner()
    #expect(throws: JSONSyntaxError.self) { try scanner.scan(Array(#"{"a" : 1, "\/"#.utf8).span) }
    #expect(try canonical(Array(#"[1 ,2]"#.utf8), &scanner) == Array("[1,2]".utf8))
  }

  /// More places than are noted at first.
  @Test(arguments: [65_535, 65_536, 65_537, 200_000]) func spellsAnyNumberOfPlaces(count: Int) throws {
    var scanner = CanonicalScanner()
    let text = Array(("\"" + String(repeating: #"\/"#, count: count) + "\"").utf8)
    let expected = Array(("\"" + String(repeating: "/", count: count) + "\"").utf8)
    #expect(try canonical(text, &scanner) == expected)
    let numbers = Array(("[" + String(repeating: "1 , ", count: count) + "1.50]").utf8)
    #expect(try canonical(numbers, &scanner).count == 2 * count + 5)
    #expect(try canonical(Array("[1]".utf8), &scanner) == Array("[1]".utf8))
  }

  @Test func makesEditsInOrderAndLeavesOutTheOnesInside() throws {
    let text = Array(#"{"a" : "xx\/yy", "b" : 1.50}"#.utf8)
    var scanner = CanonicalScanner()
    let edits = [
      JSONEdit(8..<10, Array("Z".utf8)), JSONEdit(17..<27, []), JSONEdit(20..<22, Array("!".utf8)),
    ]
    #expect(try canonical(text, edits: edits, &scanner) == Array(#"{"a":"Z/yy",}"#.utf8))
  }

  @Test func reportsMembersOfTheTwoOutermostLevelsOnly() throws {
    var found: [String] = []
    var scanner = CanonicalScanner()
    let text = Array(#"{"a": {"b": {"c": 1}, "d": 2}, "e": [{"f": {}}, {"g": 3}]}"#.utf8)
    func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    try scanner.scan(text.span) { member, _ in
      found.append(
        "\(member.depth) \(string(member.objectKey)) \(string(member.key)) \(string(member.value))")
    }
    #expect(
      found == [
        #"2 "a" "b" {"c": 1}"#, #"2 "a" "d" 2"#, #"1  "a" {"b": {"c": 1}, "d": 2}"#,
        #"1  "e" [{"f": {}}, {"g": 3}]"#,
      ])
    found = []
    let list = Array(#"[{"f": {"x": 1}}, {"g": 3}]"#.utf8)
    try scanner.scan(list.span) { member, _ in found.append("\(member.depth) \(member.object)") }
    #expect(found == ["2 1", "2 18"])
  }
}
