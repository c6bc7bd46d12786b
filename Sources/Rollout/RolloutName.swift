/// A rollout's file name: `rollout-<time>-<thread>[_<rollout>].jsonl[.zst]`.
///
/// The part behind `_` is there from a thread's second segment on, made by `thread/revert` (0.149.0 and
/// later). Codex neither lists nor resumes a file with a name of another form (0.163.0).
public struct RolloutName: Hashable, Sendable, Comparable {
  /// `YYYY-MM-DDTHH-MM-SS` in the time zone of the machine that made the file.
  public let time: String
  /// The thread the file belongs to, by its name.
  public let thread: ThreadID
  /// The segment's own id; nil for a thread's first file.
  public let segment: ThreadID?
  /// Whether the file is compressed with zstd.
  public let isCompressed: Bool

  /// Creates a name from its parts; nil where `time` has another form.
  public init?(time: String, thread: ThreadID, segment: ThreadID? = nil, isCompressed: Bool = false) {
    guard Self.isTime(time) else { return nil }
    self.time = time
    self.thread = thread
    self.segment = segment
    self.isCompressed = isCompressed
  }

  /// Creates the name of a thread's first file, made at a time between the years 0 and 9999.
  public init(at time: Timestamp, thread: ThreadID) {
    self.time = time.nameText
    self.thread = thread
    segment = nil
    isCompressed = false
  }

  /// Parses a file name; nil where it is none of a rollout.
  public init?(_ name: String) {
    var rest = Substring(name)
    guard Self.take("rollout-", from: &rest) else { return nil }
    let compressed = rest.hasSuffix(".jsonl.zst")
    guard compressed || rest.hasSuffix(".jsonl") else { return nil }
    rest = rest.dropLast(compressed ? 10 : 6)
    guard rest.utf8.count >= 19 + 1 + 36 else { return nil }
    let time = String(rest.prefix(19))
    rest = rest.dropFirst(19)
    guard Self.take("-", from: &rest), let thread = ThreadID(String(rest.prefix(36))) else { return nil }
    rest = rest.dropFirst(36)
    if rest.isEmpty {
      self.init(time: time, thread: thread, isCompressed: compressed)
    } else {
      guard Self.take("_", from: &rest), let segment = ThreadID(String(rest)) else { return nil }
      self.init(time: time, thread: thread, segment: segment, isCompressed: compressed)
    }
  }

  /// The rollout id: what `history_base` and `thread_history_1.sqlite` call the file by.
  public var rolloutID: ThreadID { segment ?? thread }

  /// The file name.
  public var text: String {
    "rollout-\(time)-\(thread)\(segment.map { "_\($0)" } ?? "").jsonl\(isCompressed ? ".zst" : "")"
  }

  /// The same name for the uncompressed file.
  public var plain: RolloutName {
    RolloutName(time: time, thread: thread, segment: segment) ?? self
  }

  /// The folders `YYYY/MM/DD` that the file belongs into under `sessions/`.
  public var dayFolders: [String] {
    [String(time.prefix(4)), String(time.dropFirst(5).prefix(2)), String(time.dropFirst(8).prefix(2))]
  }

  /// Orders by time, then by name.
  public static func < (left: RolloutName, right: RolloutName) -> Bool {
    (left.time, left.text) < (right.time, right.text)
  }

  private static func take(_ prefix: String, from text: inout Substring) -> Bool {
    guard text.hasPrefix(prefix) else { return false }
    text = text.dropFirst(prefix.count)
    return true
  }

  private static func isTime(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00-00-00".utf8)
    return text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, wanted in
        wanted == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
      }
  }
}
