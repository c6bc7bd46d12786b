import CanonicalJSON
import JSONTestSupport
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct CorpusTests {
  @Test(arguments: JSONCorpus.refused + JSONCorpus.refusedThoughOpen)
  func aLineThatIsNotJSONIsCarriedAsBookkeeping(item: JSONCorpus.Case) throws {
    #expect(!record(item.bytes).kind.isJSON && record(item.bytes).ordinal == nil)
    #expect(record(item.bytes).digest == RecordDigest(hashing: [0] + item.bytes))
    // As one line of a transcript it changes no history, and is copied byte for byte.
    guard !item.bytes.contains(0x0A) else { return }
    var builder = TranscriptBuilder()
    builder.turn("first")
    let copy = builder
    builder.lines.insert(item.bytes, at: 4)
    let damaged = builder
    try withTemporaryFolder { folder in
      let whole = try copy.scan(below: folder.appending("a"))
      let scan = try damaged.scan(below: folder.appending("b"))
      #expect(scan.history == whole.history)
      let count = scan.oddities.linesNotJSON + scan.oddities.linesNotUTF8
      #expect(count == (item.bytes.isEmpty ? 0 : 1))
      let packed = try RolloutRendering(packing: Transcript(scan) { _ in [] }).rendered()
      #expect(packed == damaged.bytes)
    }
  }

  @Test(arguments: JSONCorpus.accepted + JSONCorpus.acceptedThoughOpen)
  func aLineThatIsJSONOfNoKnownTypeIsHistory(item: JSONCorpus.Case) {
    guard !item.bytes.contains(0x0A) else { return }
    #expect(record(item.bytes).kind == .unknown)
  }

  /// `make prove` holds the canonical bytes; these are the digests made of them.
  @Test func fourSpellingsOfARecordHaveOneDigestWhateverItsOrdinal() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    for _ in 0..<3000 {
      var value = generator.record()
      var digests = JSONSpelling.allCases.map { record($0.bytes(value)).digest }
      value["ordinal"] = nil
      digests += JSONSpelling.allCases.map { record($0.bytes(value)).digest }
      // Null members of a compaction are left out.
      if value["type"] != "compacted" {
        digests.append(RecordDigest(hashing: try JSONText(value.bytes).canonical))
      }
      try #require(Set(digests).count == 1, "seed \(generator.source.seed), \(value)")
    }
  }
}
