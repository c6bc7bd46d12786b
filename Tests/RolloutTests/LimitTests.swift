import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// What a rollout may ask for: a few kilobytes must not unfold to gigabytes.
struct LimitTests {
  /// Why a transcript with more behind it is refused.
  private func refusal(
    _ more: [UInt8], compressed: Bool = false, length: Int64? = nil
  ) throws -> RolloutLimits.Kind? {
    try withTemporaryFolder { folder in
      let talk = TranscriptBuilder()
      var path = folder.appending(try talk.name.text)
      if compressed {
        path = try ZstdFile.write(talk.bytes + more, to: FilePath("\(path).zst"))
      } else {
        try folder.put(try talk.name.text, talk.bytes + more)
      }
      if let length { try truncate(path, to: length) }
      let name = try #require(RolloutName(path.lastComponent?.string ?? ""))
      do throws(RolloutError) {
        _ = try RolloutScan(path, name: name)
        return nil
      } catch {
        guard case .overLimit(_, let kind) = error else { throw error }
        return kind
      }
    }
  }

  @Test func aLineThatDoesNotEndIsNotHeld() throws {
    let line = [UInt8](repeating: 0x20, count: RolloutLimits.lineBytes + (1 << 20))
    #expect(try refusal(line) == .lineBytes)
    #expect(try refusal(line, compressed: true) == .ratio)
  }

  @Test func aLineOfSixtyFourMegabytesIsRead() throws {
    let image = Array(
      #"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_image","image_url":""#
        .utf8)
    let line = image + [UInt8](repeating: 0x61, count: 64 << 20) + Array(#""}]}}"#.utf8) + [0x0A]
    #expect(try refusal(line) == nil)
  }

  @Test func millionsOfEmptyLinesAreNotCounted() throws {
    let lines = [UInt8](repeating: 0x0A, count: 16 << 20)
    #expect(try refusal(lines) == .density)
    #expect(try refusal([UInt8](repeating: 0x0A, count: 1 << 16)) == nil)
  }

  @Test func aLineOfTinyValuesIsNotTakenApart() throws {
    let values =
      Array(#"{"type":"turn_context","payload":{"x":[0"#.utf8)
      + Array(String(repeating: ",0", count: 1 << 20).utf8)
    #expect(try refusal(values + Array("]}}\n".utf8)) == .density)
  }

  @Test func aFileOfHolesIsNotRead() throws {
    #expect(try refusal([], length: 3 << 30) == .ratio)
    #expect(try refusal([], length: 1 << 20) == nil)
  }

  @Test func whatTypesThereAreIsNotKeptWithoutEnd() throws {
    try withTemporaryFolder { folder in
      let talk = TranscriptBuilder()
      let more = (0..<1000).map { #"{"type":"new_\#($0)","payload":{}}"# + "\n" }.joined()
      let path = try folder.put(try talk.name.text, talk.bytes + Array(more.utf8))
      #expect(try RolloutScan(path, name: talk.name).oddities.unknownTypes.count == 20)
    }
  }
}
