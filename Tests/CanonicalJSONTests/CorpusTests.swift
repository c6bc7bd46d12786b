import CanonicalJSON
import JSONTestSupport
import Testing

@Suite struct CorpusTests {
  private func isAccepted(_ text: [UInt8]) -> Bool {
    var scanner = CanonicalScanner()
    return (try? scanner.scan(text.span)) != nil
  }

  @Test(arguments: JSONCorpus.accepted + JSONCorpus.acceptedThoughOpen)
  func accepts(item: JSONCorpus.Case) throws {
    #expect(isAccepted(item.bytes))
    #expect((try? ReferenceParser.parse(item.bytes)) != nil)
    var proof = CanonicalProof()
    let found = proof.canonical(item.bytes)
    let form = try #require(found)
    #expect(proof.canonical(form) == form)
    #expect(try ReferenceParser.parse(form) == ReferenceParser.parse(item.bytes))
  }

  @Test(arguments: JSONCorpus.refused + JSONCorpus.refusedThoughOpen)
  func refuses(item: JSONCorpus.Case) {
    #expect(!isAccepted(item.bytes))
    #expect((try? ReferenceParser.parse(item.bytes)) == nil)
    #expect((try? JSONText(item.bytes)) == nil)
  }

  @Test func namesEachCaseOnce() {
    let all =
      JSONCorpus.accepted + JSONCorpus.acceptedThoughOpen + JSONCorpus.refused + JSONCorpus.refusedThoughOpen
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.bytes)).count == all.count)
  }
}
