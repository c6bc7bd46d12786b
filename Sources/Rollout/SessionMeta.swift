import CanonicalJSON
import SystemPackage

/// The fields of a rollout's first `session_meta` that decide something here.
public struct SessionMeta: Sendable, Hashable {
  /// Codex's name of a transcript's format.
  public enum Format: String, Sendable, Codable {
    /// Records without ordinals, forks as copies: the default up to 0.147.0.
    case legacy
    /// Records with ordinals, forks by reference: the default from 0.153.4 on.
    case paginated
  }

  /// The reference of a paginated fork or later segment to the rollout it goes on from.
  public struct HistoryBase: Sendable, Hashable {
    /// The id of the rollout referred to; Codex calls the field `thread_id`.
    public let rollout: ThreadID
    /// The first ordinal that does not belong to the base.
    public let endOrdinal: Int64
    /// The byte offset, in the uncompressed file, behind the base's last line.
    public let endOffset: Int64
  }

  /// The thread.
  public let id: ThreadID
  /// RFC 3339 time at which the thread was made.
  public let timestamp: String?
  /// The working directory that the thread was made in.
  public let cwd: String?
  /// The transcript's format; a file that does not say is legacy.
  public let format: Format
  /// What the file goes on from, where it is no whole transcript.
  public let base: HistoryBase?
  /// Whether there is a base that cannot be understood, so that the file is no whole transcript either.
  public let hasUnreadableBase: Bool
  /// The thread this one was forked from.
  public let forkedFrom: ThreadID?
  /// The thread that spawned this one as its agent: `source.subagent.thread_spawn`; nil for any other kind of child.
  public let spawner: ThreadID?
  /// The parent, where the thread is a sub-agent.
  public let parent: ThreadID?
  /// Whether the thread is a sub-agent.
  public let isSubagent: Bool
  /// What this program wrote into a branch: the value of `codex_session_sync`.
  public let marker: JSONValue?
  /// The whole payload.
  public let payload: JSONValue
  /// Keys that are missing, or hold what Codex does not take, so that it reads nothing of the thread; sorted.
  public private(set) var unfitKeys: [String]

  /// Bytes of memory that the payload takes, about.
  let size: Int

  /// Takes the first line of a rollout, which `reader` has just read; `.noSessionMeta` where it is none.
  init(first line: Span<UInt8>, _ reader: RecordReader, of path: FilePath) throws(RolloutError) {
    guard reader.kind == .sessionMeta, let place = reader.envelope.payload,
      let text = try? JSONText(line.bytes(at: place)),
      let meta = SessionMeta(text.root)
    else { throw .noSessionMeta(path) }
    self = meta
    if line.string(at: reader.envelope.timestamp) == nil {
      unfitKeys.insert("timestamp of the record", at: 0)
    }
  }

  /// Reads the payload of a `session_meta`; nil where it has no thread id.
  init?(_ cursor: JSONCursor) {
    guard let id = cursor["id"]?.string.flatMap(ThreadID.init) else { return nil }
    self.id = id
    timestamp = cursor["timestamp"]?.string
    cwd = cursor["cwd"]?.string
    format = cursor["history_mode"]?.string == Format.paginated.rawValue ? .paginated : .legacy
    if let base = cursor["history_base"], let rollout = base["thread_id"]?.string.flatMap(ThreadID.init),
      let ordinal = base["end_ordinal_exclusive"]?.integer, let offset = base["end_byte_offset"]?.integer
    {
      self.base = HistoryBase(rollout: rollout, endOrdinal: ordinal, endOffset: offset)
    } else {
      base = nil
    }
    hasUnreadableBase = base == nil && cursor["history_base"].map { $0.kind != .null } ?? false
    forkedFrom = cursor["forked_from_id"]?.string.flatMap(ThreadID.init)
    isSubagent = cursor["source"]?["subagent"] != nil || cursor["thread_source"]?.string == "subagent"
    spawner = cursor["source"]?["subagent"]?["thread_spawn"]?["parent_thread_id"]?.string.flatMap(
      ThreadID.init)
    parent =
      (cursor["parent_thread_id"] ?? cursor["source"]?["subagent"]?["thread_spawn"]?["parent_thread_id"])?
      .string.flatMap(ThreadID.init)
    marker = cursor["codex_session_sync"].map(JSONValue.init)
    payload = JSONValue(cursor)
    size = 2 * cursor.range.count + 100 * cursor.count
    unfitKeys = Self.unfitKeys(cursor, format)
  }
}
