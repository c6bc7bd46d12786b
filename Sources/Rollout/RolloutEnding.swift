import DurableFiles
import SystemPackage

/// The end of a thread that something is to be appended to.
///
/// Says where the next byte goes, how the next record is numbered, and which bookkeeping stands behind the last history
/// record already.
public struct RolloutEnding: Sendable {
  /// Where the last history record ends: all that need be known of what is before it.
  public struct Place: Sendable, Hashable {
    /// The offset behind the record, in bytes.
    public let offset: Int64
    /// The highest ordinal up to there; nil in a file without any.
    public let ordinal: Int64?

    /// Creates a place.
    public init(offset: Int64, ordinal: Int64?) {
      self.offset = offset
      self.ordinal = ordinal
    }
  }

  /// The file.
  public let path: FilePath
  /// Its name.
  public let name: RolloutName
  /// What the file looked like when its end was read.
  public let stamp: FileStamp
  /// Where its records end, and what stands behind them.
  public private(set) var end: RolloutLines.End
  let format: SessionMeta.Format
  let bookkeeping: Set<RecordDigest>
  let highestOrdinal: Int64?

  /// Whether the last line is incomplete.
  public var isTorn: Bool { end.torn > 0 }
  /// How many bytes the uncompressed file has.
  public var length: Int64 { end.offset + Int64(end.torn) }

  /// The same end where everything before it was moved by so many bytes.
  public func moved(by shift: Int64) -> RolloutEnding {
    var ending = self
    ending.end = .init(offset: end.offset + shift, torn: end.torn, isClosed: end.isClosed)
    return ending
  }

  /// The end of a thread that was read as a whole.
  public init(of transcript: Transcript) throws(RolloutError) {
    let head = transcript.head
    (path, name, stamp, end) = (head.path, head.name, head.stamp, head.end)
    format = head.meta.format
    var bookkeeping: Set<RecordDigest> = []
    for part in transcript.rest(behind: transcript.history.count) {
      try part.eachDigest { bookkeeping.insert($1) }
    }
    self.bookkeeping = bookkeeping
    highestOrdinal = transcript.records.lazy.compactMap(\.ordinal).max()
  }

  /// The end of a rollout of which is known where its last history record ends; reads what is behind that.
  ///
  /// Throws `.changed` where there is history behind the place, or somebody wrote meanwhile.
  public init(
    _ path: FilePath, name: RolloutName, format: SessionMeta.Format, behind place: Place
  ) throws(RolloutError) {
    guard place.offset >= 0, RecordReader.ordinals.contains(place.ordinal ?? 0) else { throw .changed(path) }
    let before = try FileStamp.ofRollout(path)
    var bookkeeping: Set<RecordDigest> = []
    var highest = place.ordinal
    var isHistoryBehind = false
    var reader = RecordReader()
    end = try RolloutLines.scan(path, from: place.offset) { line, _ in
      reader.read(line)
      isHistoryBehind = reader.kind.isHistory
      bookkeeping.insert(reader.digest(line))
      highest = [highest, reader.ordinal].compactMap(\.self).max()
      return !isHistoryBehind
    }
    guard !isHistoryBehind, try FileStamp.ofRollout(path) == before else { throw .changed(path) }
    (self.path, self.name, self.format, stamp) = (path, name, format, before)
    self.bookkeeping = bookkeeping
    highestOrdinal = highest
  }
}

extension Transcript {
  /// Where the last history record ends; nil where the head's own file has none, or no newline behind it.
  public var lastHistory: RolloutEnding.Place? {
    var place: RolloutEnding.Place?
    var highest: Int64?
    for piece in pieces {
      for record in piece.scan.records[piece.range] {
        highest = [highest, record.ordinal].compactMap(\.self).max()
        guard record.kind.isHistory else { continue }
        let offset = record.offset + Int64(record.length) + 1
        let isKnown = piece.scan.path == head.path && offset <= head.end.offset
        place = isKnown ? .init(offset: offset, ordinal: highest) : nil
      }
    }
    return place
  }
}
