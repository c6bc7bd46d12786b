import CanonicalJSON
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
  public let records: [RolloutRecord]
  /// Where the records end, in bytes, and what incomplete line stands behind them.
  public let end: RolloutLines.End
  /// What the catalogue wants to know.
  public let facts: ConversationFacts
  /// Types this program does not know, and lines that are not JSON.
  public let oddities: Oddities

  /// What a reader should be told of.
  public struct Oddities: Sendable, Hashable {
    /// Values of `type` that are neither known history nor known bookkeeping.
    public var unknownTypes: Set<String> = []
    /// How many lines are not JSON.
    public var linesNotJSON = 0
  }

  /// Reads a whole rollout.
  ///
  /// Throws `.noSessionMeta` for an empty file or one that begins otherwise, `.foreignID` where name and content
  /// name different threads, `.changed` where somebody wrote meanwhile.
  public init(_ path: FilePath, name: RolloutName) throws(RolloutError) {
    let before = try Self.stamp(path)
    var meta: SessionMeta?
    var records: [RolloutRecord] = []
    var facts = ConversationFacts()
    var oddities = Oddities()
    end = try RolloutLines.read(path) { line, offset throws(RolloutError) in
      let text = try? JSONText(line)
      let record = RolloutRecord(line: line, text: text, offset: offset)
      records.append(record)
      if meta == nil {
        guard record.kind == .sessionMeta, let payload = text?.root["payload"],
          let first = SessionMeta(payload)
        else {
          throw .noSessionMeta(path)
        }
        meta = first
      }
      guard let text else {
        if !line.isEmpty { oddities.linesNotJSON += 1 }
        return true
      }
      if record.kind == .unknown { oddities.unknownTypes.insert(text.root["type"]?.string ?? "") }
      if let meta { facts.read(text, record.kind, thread: meta.id) }
      return true
    }
    guard let meta else { throw .noSessionMeta(path) }
    guard meta.id == name.thread else { throw .foreignID(path, meta.id) }
    guard try Self.stamp(path) == before else { throw .changed(path) }
    self.path = path
    self.name = name
    self.meta = meta
    self.records = records
    self.facts = facts
    self.oddities = oddities
    stamp = before
  }

  /// The index of the record that begins at `offset`, or the count of records for the end of the file; nil where
  /// no record begins there.
  func boundary(at offset: Int64) -> Int? {
    if let last = records.last, offset == last.offset + Int64(last.length) + 1 { return records.count }
    var low = 0
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      if records[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low < records.count && records[low].offset == offset ? low : nil
  }

  /// The facts of the first `count` records alone.
  func facts(ofFirst count: Int) throws(RolloutError) -> ConversationFacts {
    if count == records.count { return facts }
    var facts = ConversationFacts()
    var left = count
    try RolloutLines.read(path) { line, _ in
      if let text = try? JSONText(line) { facts.read(text, RecordKind(text.root), thread: meta.id) }
      left -= 1
      return left > 0
    }
    return facts
  }

  private static func stamp(_ path: FilePath) throws(RolloutError) -> FileStamp {
    do throws(FileError) {
      guard let stamp = try FileStamp.of(path) else { throw FileError(.open, path, .noSuchFileOrDirectory) }
      return stamp
    } catch {
      throw .file(error)
    }
  }
}
