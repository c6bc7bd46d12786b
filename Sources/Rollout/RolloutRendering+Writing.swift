import CanonicalJSON
import Crypto
import DurableFiles
import SystemPackage

extension RolloutRendering {
  /// Says how much would be written, and what; reads the records that are to be changed, and no others.
  ///
  /// Throws `.changed` where a source is no longer the file that was classified.
  public func measured() throws(RolloutError) -> Measure {
    // The records to be read lie far apart: a small step reads little in between.
    var walk = Walk(self, step: 1 << 14, isCopying: false)
    for part in parts { try walk.go(through: part) { _ in } }
    return try walk.finish { _ in }
  }

  /// Writes everything: what is not to be changed as it is, in large steps.
  ///
  /// Throws `.changed` where a source is no longer the file that was classified.
  @discardableResult
  public func write(
    to sink: (ArraySlice<UInt8>) throws(RolloutError) -> Void
  ) throws(RolloutError) -> Measure {
    var walk = Walk(self, step: FileReading.chunkSize, isCopying: true)
    if opensWithNewline { try sink(Self.newline) }
    for part in parts { try walk.go(through: part, sink) }
    return try walk.finish(sink)
  }

  fileprivate static let newline: ArraySlice<UInt8> = [0x0A]

  /// One way through all records.
  private struct Walk {
    let rendering: RolloutRendering
    /// How much to read at once, in bytes.
    let step: Int
    /// Whether records that are written as they are are read at all.
    let isCopying: Bool
    var size = Size()
    var hasher = SHA256()
    var sources = SourceRuns()
    var lastHistory: RolloutEnding.Place?
    var dropped = DroppedKeys()
    var last: Int64 = -1
    var next: Int64?

    init(_ rendering: RolloutRendering, step: Int, isCopying: Bool) {
      self.rendering = rendering
      self.step = step
      self.isCopying = isCopying
      next = if case .counted(let start) = rendering.ordinals { start } else { nil }
      size.bytes = rendering.opensWithNewline ? 1 : 0
    }

    /// Goes through the records of one file.
    mutating func go(
      through part: Part, _ sink: (ArraySlice<UInt8>) throws(RolloutError) -> Void
    ) throws(RolloutError) {
      if part.indices.isEmpty { return }
      try Self.check(part.scan)
      var cursor = try RolloutCursor(part.scan.path, step: step)
      if let content = part.scan.content { hasher.update(data: content.bytes) }
      for range in part.indices.ranges {
        for digest in part.scan.history(range) { hasher.update(data: digest.bytes) }
        var run: Range<Int64> = 0..<0
        for record in part.scan.records[range] {
          let end = record.offset + Int64(record.length)
          if isCopied(record) {
            if record.offset != run.upperBound {
              try flush(run, &cursor, sink)
              run = record.offset..<record.offset
            }
            count(record, of: part)
            run = run.lowerBound..<(end + 1)
            continue
          }
          try flush(run, &cursor, sink)
          run = 0..<0
          let line = rewritten(try cursor.bytes(record.offset..<end), record, of: part)
          hasher.update(data: line)
          try sink(line + RolloutRendering.newline)
        }
        try flush(run, &cursor, sink)
      }
      try Self.check(part.scan)
    }

    /// Adds the closing record, and says what it all came to.
    mutating func finish(
      _ sink: (ArraySlice<UInt8>) throws(RolloutError) -> Void
    ) throws(RolloutError) -> Measure {
      if let closing = rendering.closing {
        let line = closing.line(ordinal: rendering.isPaginated ? next ?? last + 1 : nil)
        add(bytes: line.count)
        hasher.update(data: line)
        try sink(line + RolloutRendering.newline)
      }
      return Measure(
        size: size, fingerprint: RecordDigest(hasher.finalize()), sources: sources, lastHistory: lastHistory,
        dropped: dropped)
    }

    /// Whether a record is written as it is.
    private func isCopied(_ record: RolloutRecord) -> Bool {
      if !record.kind.isJSON { return true }
      let isHead = size.records == 0 && rendering.head != nil
      return !isHead && !record.hasSlots && (next == nil || next == record.ordinal)
    }

    /// A run ends behind a newline, which the last line of a file may lack.
    private func flush(
      _ run: Range<Int64>, _ cursor: inout RolloutCursor,
      _ sink: (ArraySlice<UInt8>) throws(RolloutError) -> Void
    ) throws(RolloutError) {
      guard isCopying, !run.isEmpty else { return }
      try cursor.read(run.lowerBound..<(run.upperBound - 1), sink)
      try sink(RolloutRendering.newline)
    }

    private mutating func count(_ record: RolloutRecord, of part: Part) {
      add(bytes: record.length)
      withUnsafeBytes(of: (Int64(record.length).littleEndian, (record.ordinal ?? -1).littleEndian)) {
        hasher.update(bufferPointer: $0)
      }
      number(record, of: part)
    }

    private mutating func rewritten(_ line: [UInt8], _ record: RolloutRecord, of part: Part) -> [UInt8] {
      let rewritten = rendering.rewriter.rewrite(
        line, kind: record.kind, ordinal: next, head: size.records == 0 ? rendering.head : nil,
        dropped: &dropped, translate: rendering.translate)
      add(bytes: rewritten.count)
      number(record, of: part)
      return rewritten
    }

    private mutating func add(bytes: Int) {
      size.records += 1
      size.bytes += Int64(bytes) + 1
    }

    private mutating func number(_ record: RolloutRecord, of part: Part) {
      if !record.kind.isJSON { return }
      let ordinal = next ?? record.ordinal
      if rendering.isPaginated {
        sources.add(
          record, of: part.scan.name.rolloutID, end: rendering.start + size.bytes, ordinal: ordinal)
      }
      last = max(last, ordinal ?? -1)
      next = next.map { $0 + 1 }
      if record.kind.isHistory {
        lastHistory = .init(offset: rendering.start + size.bytes, ordinal: last < 0 ? nil : last)
      }
    }

    /// The same file still, unwritten since it was classified.
    private static func check(_ scan: RolloutScan) throws(RolloutError) {
      let stamp = try? FileStamp.of(scan.path)
      guard stamp == scan.stamp else { throw .changed(scan.path) }
    }
  }

  /// The new number of the first record whose ordinal is at least `old`, for fields that count in ordinals.
  private func translate(_ old: Int64) -> Int64 {
    guard case .counted(let start) = ordinals else { return old }
    var number = start
    for record in parts.lazy.flatMap(\.records) where record.kind.isJSON {
      if number > start, (record.ordinal ?? -1) >= old { return number }
      number += 1
    }
    return number
  }
}
