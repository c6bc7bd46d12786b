import CanonicalJSON
import DurableFiles
import SystemPackage

/// What is written of a transcript: a whole new file, or a tail to append to one.
///
/// The same value is measured in a dry run and written in a real one.
public struct RolloutRendering: Sendable {
  /// How records are numbered.
  public enum Ordinals: Sendable, Hashable {
    /// As they are: legacy files have none, a whole paginated file keeps its own.
    case kept
    /// One after another from a number on.
    case counted(from: Int64)
  }

  /// How much a rendering is.
  public struct Size: Sendable, Hashable {
    /// Records.
    public var records = 0
    /// Bytes, newlines included.
    public var bytes: Int64 = 0

    /// Nothing.
    public init() {}
  }

  /// How much a rendering is, and what.
  public struct Measure: Sendable, Hashable {
    /// How much.
    public let size: Size
    /// Stands for the content: two renderings with one fingerprint write the same records.
    public let fingerprint: RecordDigest
    /// Where the records come to lie.
    public let sources: SourceRuns
    /// Where the last history record comes to end; nil where none is written.
    public let lastHistory: RolloutEnding.Place?
    /// What of the records is not written, because Codex would act on it.
    public let dropped: DroppedKeys
  }

  /// Records of one file that are written one after another.
  struct Part: Sendable {
    let scan: RolloutScan
    let indices: RangeSet<Int>

    var records: some Sequence<RolloutRecord> {
      indices.ranges.lazy.flatMap { [scan] in scan.records[$0] }
    }

    func eachDigest(_ body: (_ index: Int, _ digest: RecordDigest) -> Void) throws(RolloutError) {
      try scan.eachDigest(indices, body)
    }
  }

  let parts: [Part]
  let rewriter: RecordRewriter
  let head: RecordRewriter.HeadChanges?
  let ordinals: Ordinals
  /// Where the first byte goes in the file.
  let start: Int64
  let opensWithNewline: Bool
  let isPaginated: Bool
  let closing: SettingsRecord?

  /// A whole transcript as one self-contained file.
  ///
  /// Ordinals are kept where they grow from record to record; a flattened transcript, and one with missing or
  /// regressed ordinals, is numbered anew: Codex 0.163.0 hides records behind a regressed ordinal, and refuses to
  /// resume a paginated file without any.
  public init(
    whole transcript: Transcript, rewriter: RecordRewriter, head: RecordRewriter.HeadChanges,
    closing: SettingsRecord?
  ) {
    parts = Self.parts(of: transcript, readable: true)
    self.rewriter = rewriter
    self.head = head
    self.closing = closing
    start = 0
    opensWithNewline = false
    isPaginated = transcript.head.meta.format == .paginated
    ordinals = isPaginated && (transcript.isComposed || !Self.grows(parts)) ? .counted(from: 0) : .kept
  }

  /// A whole transcript as it goes into a package: byte for byte, but for an incomplete last line and, in a legacy file,
  /// lines that keep Codex from reading it; numbered anew only where bases were flattened into it.
  ///
  /// A paginated file keeps such lines: others name places in it by byte offset.
  public init(packing transcript: Transcript) {
    let isLegacy = transcript.head.meta.format == .legacy
    parts = Self.parts(of: transcript, readable: isLegacy || transcript.isComposed)
    rewriter = .packing
    head = transcript.isComposed ? RecordRewriter.HeadChanges() : nil
    closing = nil
    start = 0
    opensWithNewline = false
    isPaginated = transcript.head.meta.format == .paginated
    ordinals = transcript.isComposed && isPaginated ? .counted(from: 0) : .kept
  }

  /// What `incoming` has behind the `common` history records of a local thread, to be appended to that.
  ///
  /// Bookkeeping that the local thread has behind them too is left out: both sides received it.
  public init(
    tailOf incoming: Transcript, behind common: Int, for local: RolloutEnding, rewriter: RecordRewriter,
    closing: SettingsRecord?
  ) throws(RolloutError) {
    // The first piece is the incoming file's own `session_meta`: `local` has one.
    var parts: [Part] = []
    for part in incoming.rest(behind: common).dropFirst() {
      // A run at a time: tails may have millions of records.
      var runs: [Range<Int>] = []
      try part.eachDigest { index, digest in
        if part.scan.records[index].kind == .notUTF8 || local.bookkeeping.contains(digest) { return }
        if let last = runs.last, last.upperBound == index {
          runs[runs.count - 1] = last.lowerBound..<(index + 1)
        } else {
          runs.append(index..<(index + 1))
        }
      }
      parts.append(Part(scan: part.scan, indices: RangeSet(runs)))
    }
    self.parts = parts
    self.rewriter = rewriter
    self.closing = closing
    head = nil
    start = local.length
    opensWithNewline = !local.end.isClosed
    isPaginated = local.format == .paginated
    ordinals = isPaginated ? .counted(from: (local.highestOrdinal ?? -1) + 1) : .kept
  }

  /// Nothing but a settings record, to be appended to a local thread.
  public init(closing: SettingsRecord, for local: RolloutEnding) {
    parts = []
    rewriter = RecordRewriter(paths: .identity)
    self.closing = closing
    head = nil
    start = local.length
    opensWithNewline = !local.end.isClosed
    isPaginated = local.format == .paginated
    ordinals = isPaginated ? .counted(from: (local.highestOrdinal ?? -1) + 1) : .kept
  }

  /// - Parameter readable: whether lines that keep Codex from reading a file are left out.
  private static func parts(of transcript: Transcript, readable: Bool) -> [Part] {
    transcript.pieces.map { piece in
      var indices = RangeSet(piece.range)
      if readable, piece.scan.oddities.linesNotUTF8 > 0 {
        for index in piece.range where piece.scan.records[index].kind == .notUTF8 {
          indices.remove(contentsOf: index..<(index + 1))
        }
      }
      return Part(scan: piece.scan, indices: indices)
    }
  }

  private static func grows(_ parts: [Part]) -> Bool {
    var last: Int64 = -1
    for record in parts.lazy.flatMap(\.records) where record.kind.isJSON {
      guard let ordinal = record.ordinal, ordinal > last else { return false }
      last = ordinal
    }
    return true
  }
}

extension Transcript {
  /// The records behind the `common` first history records, by file.
  func rest(behind common: Int) -> [RolloutRendering.Part] {
    var seen = 0
    return pieces.map { piece in
      let start = piece.range.first { index in
        let isHistory = piece.scan.records[index].kind.isHistory
        if isHistory, seen < common {
          seen += 1
          return false
        }
        return seen >= common
      }
      return RolloutRendering.Part(
        scan: piece.scan, indices: RangeSet((start ?? piece.range.upperBound)..<piece.range.upperBound))
    }
  }
}
