import CanonicalJSON
import Rollout

/// What is written into a thread made under another id than it came with, so that it is still recognised.
///
/// Stands in `session_meta.payload.codex_session_sync` and in a package's `lineage.json`.
public struct Marker: Hashable, Sendable {
  /// The key under which Codex's `session_meta` carries the marker; Codex ignores it (0.163.0).
  public static let key = "codex_session_sync"

  /// The digest of the conversation's first history record.
  public let lineageKey: RecordDigest
  /// The installation that the root thread came from; nil where the package did not say.
  public let rootOrigin: String?
  /// The thread that this one is a branch of, under the id it had at its origin.
  public let rootThread: ThreadID
  /// How many history records branch and root had in common when the branch was made.
  public let common: Int
  /// Whether the root was closed: a declared fork or a sub-agent.
  public let isClosed: Bool

  /// Creates a marker from its fields.
  public init(
    lineageKey: RecordDigest, rootOrigin: String?, rootThread: ThreadID, common: Int, isClosed: Bool
  ) {
    self.lineageKey = lineageKey
    self.rootOrigin = rootOrigin
    self.rootThread = rootThread
    self.common = common
    self.isClosed = isClosed
  }

  /// Reads a marker; nil where a field is missing or malformed, which counts as no marker.
  public init?(_ value: JSONValue?) {
    guard let value, let key = value["lineage_key"]?.string.flatMap(RecordDigest.init(hex:)),
      let root = value["root_thread"]?.string.flatMap(ThreadID.init), let common = value["common"]?.integer,
      common >= 0, let closed = value["closed"]?.bool
    else { return nil }
    self.init(
      lineageKey: key, rootOrigin: value["root_origin"]?.string, rootThread: root,
      common: Int(clamping: common),
      isClosed: closed)
  }

  /// The marker as it is written.
  public var json: JSONValue {
    [
      "lineage_key": .string(lineageKey.description),
      "root_origin": rootOrigin.map(JSONValue.string) ?? .null,
      "root_thread": .string(rootThread.text), "common": .integer(Int64(common)), "closed": .bool(isClosed),
    ]
  }
}
