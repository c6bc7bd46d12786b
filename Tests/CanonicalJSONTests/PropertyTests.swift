import CanonicalJSON
import JSONTestSupport
import Testing

@Suite struct PropertyTests {
  /// `make prove` does this a million times.
  @Test func oneFormForEachMeaning() throws {
    var proof = CanonicalProof()
    print("seed \(proof.seed)")
    for _ in 0..<5000 { try proof.checkNext() }
    #expect(proof.damagedButValid > 500)
  }

  @Test func readsWhatWasWritten() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    for _ in 0..<3000 {
      let value = generator.value()
      for spelling in JSONSpelling.allCases {
        let bytes = spelling.bytes(value)
        try #require(try JSONValue(parsing: bytes) == value, "seed \(generator.source.seed)")
      }
    }
  }

  @Test func theIndexHasTheFormThatTheScannerHandsOut() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    var proof = CanonicalProof(seed: generator.source.seed)
    print("seed \(generator.source.seed)")
    for _ in 0..<5000 {
      let text = generator.damage(JSONSpelling.loose.bytes(generator.value()))
      let form = proof.canonical(text)
      try #require(form == (try? JSONText(text).canonical), "seed \(proof.seed), bytes \(text)")
    }
  }

  @Test func anEditedTextIsTheCanonicalFormOfTheEditedValue() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    for _ in 0..<2000 {
      let members = (0..<Int.random(in: 1..<6, using: &generator.source)).map {
        JSONValue.Member("k\($0)", generator.value(depth: 2))
      }
      var expected: [JSONValue.Member] = []
      let text = try JSONText(JSONSpelling.loose.bytes(.object(members)))
      var splice = JSONSplice(text)
      for (member, cursor) in zip(members, text.root.members) {
        switch Int.random(in: 0..<3, using: &generator.source) {
        case 0: splice.remove(member.key, from: text.root)
        case 1:
          splice.replace(cursor.value, with: "new")
          expected.append(.init(member.key, "new"))
        default: expected.append(member)
        }
      }
      let wanted = try JSONText(JSONValue.object(expected).bytes).canonical
      try #require(splice.canonical == wanted, "seed \(generator.source.seed)")
    }
  }
}
