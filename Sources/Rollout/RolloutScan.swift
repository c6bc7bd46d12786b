import CanonicalJSON
import Crypto
import DurableFiles
import SystemPackage

/// One rollout file, read once: its records, and what can be said of it.
///
/// Its bytes stay on disk.
public struct RolloutScan: Sendable {
  /// The file.
  public let path: FilePath
  /// Its name.
  public let name: RolloutName
  /// What the file looked like when it was read.
  public let stamp: FileStamp
  /// The first `session_meta`, which names the thread (later ones are copies of a fork's parent).
  public let meta: SessionMeta
  /// All records, in order.
  public let records: RolloutRecords
  /// The digests of the history records, in order.
  public let history: [RecordDigest]
  /// SHA-256 over the uncompressed file as it is, where it was asked for.
  public let content: RecordDigest?
  /// Where the records end, in bytes, and what incomplete line stands behind them.
  public let end: RolloutLines.End
  /// What the catalogue wants to know.
  public let facts: ConversationFacts
  /// Types this program does not know, and lines that are not JSON.
  public let oddities: Oddities

  /// What a reader should be told of.
  public struct Oddities: Sendable, Hashable {
    /// Values of `type` that are neither known history nor known bookkeeping; a few of them, and no more of each than
    /// tells it from others.
    public var unknownTypes: Set<String> = []
    /// How many lines are not JSON, but UTF-8.
    public var linesNotJSON = 0
    /// The first key that stands twice where it decides: two parsers would read two records.
    public var doubledKey: DoubledKey?
    /// How many lines are no UTF-8.
    public var linesNotUTF8 = 0

    mutating func note(_ type: String) {
      if unknownTypes.count < 20 { unknownTypes.insert(String(type.prefix(80))) }
    }
  }

  /// A key that stands twice in one object of a record.
  public struct DoubledKey: Sendable, Hashable {
    /// The record.
    public let place: RolloutDefect.Place
    /// The key.
    public let key: String
  }

  /// Reads a whole rollout; with `hashing`, works out `content` too.
  ///
  /// Throws `.noSessionMeta` for an empty file or one that begins otherwise, `.foreignID` where name and content
  /// name different threads, `.changed` where somebody wrote meanwhile.
  public init(_ path: FilePath, name: RolloutName, hashing: Bool = false) throws(RolloutError) {
    let before = try FileStamp.ofRollout(path)
    var meta: SessionMeta?
    var records = RolloutRecords()
    var history: [RecordDigest] = []
    var content = hashing ? SHA256() : nil
    var facts = ConversationFacts()
    var oddities = Oddities()
    var reader = RecordReader()
    end = try RolloutLines.scan(path) { bytes in
      content?.update(bufferPointer: bytes)
    } _: { line, offset throws(RolloutError) in
      reader.read(line)
      if meta == nil { meta = try SessionMeta(first: line, reader, of: path) }
      records.append(
        reader.kind, at: offset, length: line.count, ordinal: reader.ordinal, hasSlots: reader.hasSlots)
      if reader.hasSlots, line.count > RolloutLimits.changedLineBytes {
        throw .overLimit(path, .changedLineBytes)
      }
      let memory = records.memory + Int64(history.count * MemoryLayout<RecordDigest>.size)
      if RolloutLimits.isTooDense(memory, upTo: offset) { throw .overLimit(path, .density) }
      if reader.kind.isHistory { history.append(reader.digest(line)) }
      if oddities.doubledKey == nil, let key = reader.doubledKey(line) {
        oddities.doubledKey = DoubledKey(place: .init(record: records.count, offset: offset), key: key)
      }
      if reader.kind == .notJSON, !line.isEmpty { oddities.linesNotJSON += 1 }
      if reader.kind == .notUTF8 { oddities.linesNotUTF8 += 1 }
      if reader.kind == .unknown {
        oddities.note(line.string(at: reader.envelope.type) ?? "")
      }
      facts.read(line, reader, thread: name.thread)
      return true
    }
    guard let meta else { throw .noSessionMeta(path) }
    guard meta.id == name.thread else { throw .foreignID(path, meta.id) }
    guard try FileStamp.ofRollout(path) == before else { throw .changed(path) }
    self.path = path
    self.name = name
    self.meta = meta
    self.records = records
    self.history = history
    self.content = content.map { RecordDigest($0.finalize()) }
    self.facts = facts
    self.oddities = oddities
    stamp = before
  }

  /// The index of the record that begins at `offset`, or the count of records for the end of the file; nil where
  /// no record begins there.
  func boundary(at offset: Int64) -> Int? {
    if let last = records.last, offset == last.offset + Int64(last.length) + 1 { return records.count }
    let index = records.partitioningIndex { $0.offset >= offset }
    return index < records.count && records[index].offset == offset ? index : nil
  }

  /// The digests of the history records among some records.
  func history(_ range: Range<Int>) -> ArraySlice<RecordDigest> {
    let before = records.historyCount(0..<range.lowerBound)
    return history[before..<(before + records.historyCount(range))]
  }

  /// Calls `body` with the digest of each of some records, bookkeeping too, read from the file again.
  func eachDigest(
    _ indices: RangeSet<Int>, _ body: (_ index: Int, _ digest: RecordDigest) -> Void
  ) throws(RolloutError) {
    var ranges = indices.ranges[...]
    guard var index = ranges.first?.lowerBound else { return }
    var reader = RecordReader()
    try RolloutLines.scan(path, from: records[index].offset) { line, offset throws(RolloutError) in
      let record = records[index]
      if offset < record.offset { return true }
      guard offset == record.offset, line.count == record.length else { throw .changed(path) }
      reader.read(line)
      body(index, reader.digest(line))
      index += 1
      if let range = ranges.first, index == range.upperBound {
        ranges = ranges.dropFirst()
        index = ranges.first?.lowerBound ?? index
      }
      return !ranges.isEmpty
    }
    guard ranges.isEmpty, try FileStamp.ofRollout(path) == stamp else { throw .changed(path) }
  }

  /// Bytes of memory that the scan takes, about.
  public var memory: Int64 {
    let facts = Int64(meta.size + facts.size)
    return records.memory + Int64(history.count * MemoryLayout<RecordDigest>.size) + facts
  }

  /// The facts of the first `count` records alone.
  func facts(ofFirst count: Int) throws(RolloutError) -> ConversationFacts {
    if count == records.count { return facts }
    var facts = ConversationFacts()
    var left = count
    var reader = RecordReader()
    try RolloutLines.scan(path) { line, _ in
      reader.read(line)
      facts.read(line, reader, thread: meta.id)
      left -= 1
      return left > 0
    }
    return facts
  }
}

extension FileStamp {
  /// The stamp of a rollout that is to be there.
  static func ofRollout(_ path: FilePath) throws(RolloutError) -> FileStamp {
    do throws(FileError) {
      guard let stamp = try FileStamp.of(path) else { throw FileError(.open, path, .noSuchFileOrDirectory) }
      return stamp
    } catch {
      throw .file(error)
    }
  }
}
