import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct PackingTests {
  @Test func packsAFileByteForByteWithoutItsUnfinishedLine() throws {
    var builder = TranscriptBuilder()
    builder.turn("one")
    builder.nextOrdinal -= 3
    builder.turn("behind a regressed ordinal")
    builder.lines.insert([0, 0], at: 4)
    let whole = builder
    try withTemporaryFolder { folder in
      let path = try folder.put(try whole.name.text, whole.bytes + Array("{\"torn".utf8))
      let transcript = try Transcript(try RolloutScan(path, name: try whole.name)) { _ in [] }
      #expect(try RolloutRendering(packing: transcript).rendered() == whole.bytes)
    }
  }

  @Test func packsAForkAsOneFileThatSharesItsHistory() throws {
    var parent = TranscriptBuilder()
    parent.turn("one")
    var fork = parent.continued(as: Sample.thread(2))
    fork.turn("two")
    let (base, head) = (parent, fork)
    try withTemporaryFolder { folder in
      let baseScan = try base.scan(below: folder)
      let transcript = try Transcript(try head.scan(below: folder)) { [CutPlace(baseScan, $0)] }
      let packed = try RolloutRendering(packing: transcript).rendered()
      let path = try folder.put("packed/" + (try head.name.text), packed)
      let again = try Transcript(try RolloutScan(path, name: try head.name)) { _ in [] }
      #expect(!again.isComposed)
      #expect(again.history == transcript.history)
      #expect(Array(again.records.map(\.ordinal)) == (0..<again.head.records.count).map(Int64.init))
    }
  }
}
