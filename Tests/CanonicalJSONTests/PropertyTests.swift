import CanonicalJSON
import SyncTestSupport
import Testing

@Suite struct PropertyTests {
  @Test func fourSpellingsOfOneValueHaveTheSameCanonicalBytes() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    for _ in 0..<3000 {
      let value = generator.value()
      let forms = try JSONSpelling.allCases.map { try JSONText($0.bytes(value)).canonical }
      try #require(Set(forms).count == 1, "seed \(generator.source.seed), value \(value)")
      let again = try JSONText(forms[0])
      try #require(
        again.isCanonical && again.canonical == forms[0], "seed \(generator.source.seed), value \(value)")
    }
  }

  @Test func readsWhatAnIndependentParserReads() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    for _ in 0..<3000 {
      let value = generator.value()
      for spelling in JSONSpelling.allCases {
        let bytes = spelling.bytes(value)
        try #require(try JSONValue(parsing: bytes) == value, "seed \(generator.source.seed)")
        try #require(try ReferenceParser.parse(bytes) == value, "seed \(generator.source.seed)")
      }
    }
  }

  @Test func judgesDamagedTextsAsAnIndependentParserDoes() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    let pieces = Array(#"{}[],:"\ue-+.01529tfn/ "#.utf8) + [0x0A, 0x00, 0x1F, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
    for _ in 0..<20_000 {
      var bytes = (JSONSpelling.allCases.randomElement(using: &generator.source) ?? .compact)
        .bytes(generator.value(depth: 2))
      for _ in 0..<Int.random(in: 1...3, using: &generator.source) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &generator.source)
        switch Int.random(in: 0..<4, using: &generator.source) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(pieces.randomElement(using: &generator.source) ?? 0, at: at)
        case 2: bytes[at] = pieces.randomElement(using: &generator.source) ?? 0
        default: bytes.removeSubrange(at...)
        }
      }
      let ours = try? JSONValue(parsing: bytes)
      let reference = try? ReferenceParser.parse(bytes)
      try #require(ours == reference, "seed \(generator.source.seed), bytes \(bytes)")
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
