import CanonicalJSON
import DurableFiles
import SystemPackage

/// What is written of a transcript: a whole new file, or a tail to append to one.
///
/// The same value is counted in a dry run and written in a real one.
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

  private struct Part: Sendable {
    let scan: RolloutScan
    let indices: [Int]
  }

  private let parts: [Part]
  private let rewriter: RecordRewriter
  private let head: RecordRewriter.HeadChanges?
  private let ordinals: Ordinals
  private let start: Int64
  private let opensWithNewline: Bool
  private let isPaginated: Bool
  private let closing: SettingsRecord?

  /// A whole transcript as one self-contained file.
  ///
  /// Ordinals are kept where they grow from record to record; a flattened transcript, and one with missing or
  /// regressed ordinals, is numbered anew: Codex 0.163.0 hides records behind a regressed ordinal, and refuses to
  /// resume a paginated file without any.
  public init(
    whole transcript: Transcript, rewriter: RecordRewriter, head: RecordRewriter.HeadChanges,
    closing: SettingsRecord?
  ) {
    parts = transcript.pieces.map { Part(scan: $0.scan, indices: Array($0.range)) }
    self.rewriter = rewriter
    self.head = head
    self.closing = closing
    start = 0
    opensWithNewline = false
    isPaginated = transcript.head.meta.format == .paginated
    ordinals =
      isPaginated && (transcript.isComposed || !Self.grows(transcript.records)) ? .counted(from: 0) : .kept
  }

  /// A whole transcript as it goes into a package: byte for byte, but for an incomplete last line; numbered anew only
  /// where bases were flattened into it.
  public init(packing transcript: Transcript) {
    parts = transcript.pieces.map { Part(scan: $0.scan, indices: Array($0.range)) }
    rewriter = RecordRewriter(paths: .identity)
    head = transcript.isComposed ? RecordRewriter.HeadChanges() : nil
    closing = nil
    start = 0
    opensWithNewline = false
    isPaginated = transcript.head.meta.format == .paginated
    ordinals = transcript.isComposed && isPaginated ? .counted(from: 0) : .kept
  }

  /// What `incoming` has behind the `common` history records that `local` begins with, to be appended to `local`.
  ///
  /// Records whose digest `local` has behind that point are left out: bookkeeping that both sides received.
  public init(
    tailOf incoming: Transcript, behind common: Int, for local: Transcript, rewriter: RecordRewriter,
    closing: SettingsRecord?
  ) throws(RolloutError) {
    var known: Set<RecordDigest> = []
    for part in Self.rest(of: local, behind: common) { known.formUnion(try part.scan.digests(part.indices)) }
    // The first piece is the incoming file's own `session_meta`: `local` has one.
    var parts: [Part] = []
    for part in Self.rest(of: incoming, behind: common).dropFirst() {
      let new = zip(part.indices, try part.scan.digests(part.indices)).filter { !known.contains($0.1) }
      parts.append(Part(scan: part.scan, indices: new.map(\.0)))
    }
    self.parts = parts
    self.rewriter = rewriter
    self.closing = closing
    head = nil
    start = local.head.end.offset + Int64(local.head.end.torn.count)
    opensWithNewline = !local.head.end.isClosed
    isPaginated = local.head.meta.format == .paginated
    let highest = local.records.compactMap(\.ordinal).max() ?? -1
    ordinals = isPaginated ? .counted(from: highest + 1) : .kept
  }

  /// Renders everything, a line with its newline at a time.
  ///
  /// Throws `.changed` where a source is no longer the file that was classified.
  @discardableResult
  public func write(to sink: ([UInt8]) throws(RolloutError) -> Void) throws(RolloutError) -> Size {
    var runs = SourceRuns()
    return try write(noting: &runs, to: sink)
  }

  /// Renders everything, and notes where the records come to lie.
  public func write(
    noting runs: inout SourceRuns, to sink: ([UInt8]) throws(RolloutError) -> Void
  ) throws(RolloutError) -> Size {
    var size = Size()
    var last: Int64 = -1
    var next: Int64? = if case .counted(let start) = ordinals { start } else { nil }
    let renumbered =
      next == nil
      ? []
      : parts.flatMap { part in
        part.indices.map { part.scan.records[$0] }.filter { $0.kind != .notJSON }.map(\.ordinal)
      }
    if opensWithNewline {
      size.bytes += 1
      try sink([0x0A])
    }
    for part in parts {
      try read(part) { line, record throws(RolloutError) in
        let isNumbered = record.kind != .notJSON
        let ordinal = next ?? record.ordinal
        let rewritten = rewriter.rewrite(
          line, kind: record.kind, ordinal: isNumbered ? next : nil, head: size.records == 0 ? head : nil,
          translate: { Self.translate($0, renumbered) ?? $0 })
        if isNumbered {
          last = max(last, ordinal ?? -1)
          next = next.map { $0 + 1 }
        }
        size.records += 1
        size.bytes += Int64(rewritten.count) + 1
        if isPaginated, isNumbered {
          runs.add(record, of: part.scan.name.rolloutID, end: start + size.bytes, ordinal: ordinal)
        }
        try sink(rewritten + [0x0A])
      }
    }
    if let closing {
      let line = closing.line(ordinal: isPaginated ? next ?? last + 1 : nil)
      size.records += 1
      size.bytes += Int64(line.count) + 1
      try sink(line + [0x0A])
    }
    return size
  }

  private func read(
    _ part: Part, _ body: ([UInt8], RolloutRecord) throws(RolloutError) -> Void
  ) throws(RolloutError) {
    guard let first = part.indices.first else { return }
    var wanted = part.indices[...]
    try RolloutLines.read(part.scan.path, from: part.scan.records[first].offset) {
      line, offset throws(RolloutError) in
      guard let index = wanted.first else { return false }
      let record = part.scan.records[index]
      if offset < record.offset { return true }
      guard offset == record.offset, line.count == record.length else { throw .changed(part.scan.path) }
      try body(line, record)
      wanted = wanted.dropFirst()
      return !wanted.isEmpty
    }
    let stamp = try? FileStamp.of(part.scan.path)
    guard wanted.isEmpty, stamp == part.scan.stamp else { throw .changed(part.scan.path) }
  }

  private static func rest(of transcript: Transcript, behind common: Int) -> [Part] {
    var seen = 0
    return transcript.pieces.map { piece in
      Part(
        scan: piece.scan,
        indices: piece.range.filter { index in
          let isHistory = piece.scan.records[index].kind.isHistory
          if isHistory { seen += 1 }
          return isHistory ? seen > common : seen >= common
        })
    }
  }

  private static func grows(_ records: some Sequence<RolloutRecord>) -> Bool {
    var last: Int64 = -1
    for record in records where record.kind != .notJSON {
      guard let ordinal = record.ordinal, ordinal > last else { return false }
      last = ordinal
    }
    return true
  }

  /// Where the first record with at least the ordinal `old` ends up.
  private static func translate(_ old: Int64, _ ordinals: [Int64?]) -> Int64? {
    if ordinals.isEmpty { return nil }
    return Int64(ordinals.dropFirst().firstIndex { ($0 ?? -1) >= old } ?? ordinals.count)
  }
}
