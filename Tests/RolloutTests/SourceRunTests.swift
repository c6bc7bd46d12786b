import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import Rollout

@Suite struct SourceRunTests {
  /// A parent of random turns, with unnumbered lines of a crash among them.
  private func parent(_ source: inout SeededGenerator) -> TranscriptBuilder {
    var builder = TranscriptBuilder()
    for turn in 0..<Int.random(in: 1...5, using: &source) {
      if Bool.random(using: &source) {
        builder.cwd = ["/home/alice/project", "/home/alice/a", "/srv"].randomElement(using: &source) ?? ""
      }
      if Bool.random(using: &source) { builder.lines.append([0, 0]) }
      builder.turn("question \(turn)", tool: Bool.random(using: &source) ? "ls" : nil)
    }
    return builder
  }

  /// A cut of the parent behind each of its numbered records.
  private func cuts(_ scan: RolloutScan) -> [SessionMeta.HistoryBase] {
    scan.records.dropFirst().compactMap { record in
      record.ordinal.map {
        .init(
          rollout: scan.name.rolloutID, endOrdinal: $0 + 1,
          endOffset: record.offset + Int64(record.length) + 1)
      }
    }
  }

  private func write(
    _ rendering: RolloutRendering, behind prefix: [UInt8] = [], to folder: FilePath, _ name: RolloutName
  ) throws -> (scan: RolloutScan, runs: [SourceRun]) {
    var bytes = prefix
    let runs = try rendering.write { bytes += $0 }.sources
    let scan = try RolloutScan(try folder.put(name.text, bytes), name: name)
    return (scan, SourceRuns(try JSONValue(parsing: runs.json.bytes)).runs)
  }

  @Test func everyCutOfALocalisedBaseIsFoundInItsCopy() throws {
    var source = SeededGenerator()
    for _ in 0..<4 {
      try withTemporaryFolder { folder in
        let scan = try parent(&source).scan(below: folder.appending("there"))
        let rendering = RolloutRendering(
          whole: try Transcript(scan) { _ in [] }, rewriter: .toBob, head: .init(), closing: nil)
        let (copy, runs) = try write(rendering, to: folder.appending("here"), scan.name)
        for cut in cuts(scan) {
          let here = runs.compactMap { $0.translate(cut, to: copy.name.rolloutID) }
          let place = try #require(here.first.map { CutPlace(copy, $0) }, "seed \(source.seed)")
          let expected = scan.records.prefix { $0.offset < cut.endOffset }
          #expect(here.count == 1 && place.fits && place.end == expected.count, "seed \(source.seed)")
          #expect(copy.history(0..<place.end) == scan.history(0..<expected.count), "seed \(source.seed)")
        }
      }
    }
  }

  @Test func everyCutOfAnAppendedTailIsFoundInTheFileItWasAppendedTo() throws {
    var source = SeededGenerator()
    for _ in 0..<4 {
      try withTemporaryFolder { folder in
        let first = parent(&source)
        var local = first
        for opening in 0..<Int.random(in: 0...3, using: &source) {
          local.event("opened", [("times", .integer(Int64(opening)))])
        }
        var grown = first
        grown.turn("later")
        grown.cwd = "/home/alice/elsewhere"
        grown.turn("later still")
        let here = try local.scan(below: folder.appending("here"))
        let scan = try grown.scan(below: folder.appending("there"))
        let rendering = try RolloutRendering(
          tailOf: try Transcript(scan) { _ in [] }, behind: here.history.count,
          for: try RolloutEnding(of: try Transcript(here) { _ in [] }), rewriter: .toBob, closing: nil)
        let (copy, runs) = try write(
          rendering, behind: local.bytes, to: folder.appending("after"), scan.name)
        let tail = cuts(scan).filter { $0.endOffset > first.length }
        #expect(!tail.isEmpty)
        for cut in tail {
          let found = runs.compactMap { $0.translate(cut, to: copy.name.rolloutID) }
          let place = try #require(found.first.map { CutPlace(copy, $0) }, "seed \(source.seed)")
          #expect(place.fits, "seed \(source.seed)")
          let expected = scan.records.prefix { $0.offset < cut.endOffset }
          #expect(copy.history(0..<place.end) == scan.history(0..<expected.count), "seed \(source.seed)")
        }
      }
    }
  }

  @Test func whatIsNoRecordBoundaryThereIsNoneHere() throws {
    try withTemporaryFolder { folder in
      var builder = TranscriptBuilder()
      builder.turn("one")
      builder.turn("two")
      let scan = try builder.scan(below: folder.appending("there"))
      let rendering = RolloutRendering(
        whole: try Transcript(scan) { _ in [] }, rewriter: .toBob, head: .init(), closing: nil)
      let (copy, runs) = try write(rendering, to: folder.appending("here"), scan.name)
      for cut in cuts(scan) {
        for (ordinal, offset) in [(0, 1), (0, -1), (1, 0), (-1, 0)] as [(Int64, Int64)] {
          let wrong = SessionMeta.HistoryBase(
            rollout: cut.rollout, endOrdinal: cut.endOrdinal + ordinal, endOffset: cut.endOffset + offset)
          let places = runs.compactMap { $0.translate(wrong, to: copy.name.rolloutID) }
          #expect(places.allSatisfy { !CutPlace(copy, $0).fits })
        }
        let other = SessionMeta.HistoryBase(
          rollout: Sample.thread(8), endOrdinal: cut.endOrdinal, endOffset: cut.endOffset)
        #expect(runs.allSatisfy { $0.translate(other, to: copy.name.rolloutID) == nil })
      }
    }
  }

  @Test func aRecordOfAnotherLengthIsTheOnlyReasonForANewRun() throws {
    try withTemporaryFolder { folder in
      var builder = TranscriptBuilder()
      for turn in 0..<50 { builder.turn("question \(turn)") }
      let scan = try builder.scan(below: folder)
      let transcript = try Transcript(scan) { _ in [] }
      let rendering = RolloutRendering(whole: transcript, rewriter: .none, head: .init(), closing: nil)
      #expect(try rendering.measured().sources.runs.map(\.ends.upperBound) == [builder.length])
    }
  }

  @Test(arguments: [
    #"{"x":[[1,2,3,4]]}"#, "[]", #"{"ID":[[2,1,0,0]]}"#, #"{"ID":[[1,2,3]]}"#, #"{"ID":[7]}"#,
  ])
  func readsNothingFromNotesOfAnotherForm(text: String) throws {
    let text = text.replacing("ID", with: Sample.thread(1).text)
    #expect(SourceRuns(try JSONValue(parsing: Array(text.utf8))).runs.isEmpty)
  }

  @Test func survivesAbsurdNotes() throws {
    let run: JSONValue = [0, .integer(.max), .integer(.max), .integer(.max)]
    let runs = SourceRuns(.object([.init(Sample.thread(1).text, [run])])).runs
    let cut = SessionMeta.HistoryBase(rollout: Sample.thread(1), endOrdinal: 5, endOffset: 5)
    #expect(runs.count == 1 && runs[0].translate(cut, to: Sample.thread(1)) == nil)
  }
}
