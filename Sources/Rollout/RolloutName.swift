/// A rollout's file name: `rollout-<time>-<thread>[_<rollout>].jsonl[.zst]`.
///
/// The part behind `_` is there from a thread's second segment on, made by `thread/revert` (0.149.0 and
/// later). A file with a name of another form Codex uses only where a row of its catalogue names it: lists it, and
/// resumes it if it is legacy (0.144.4, 0.163.0; 0.163.0 refuses a paginated one).
public struct RolloutName: Hashable, Sendable, Comparable {
  /// `YYYY-MM-DDTHH-MM-SS` in the time zone of the machine that made the file.
  public let time: String
  /// The thread the file belongs to, by its name.
  public let thread: ThreadID
  /// The segment's own id; nil for a thread's first file.
  public let segment: ThreadID?
  /// Whether the file is compressed with zstd.
  public let isCompressed: Bool
  /// The whole name where it has another form.
  private let foreign: String?

  /// Creates a name from its parts; nil where `time` has another form.
  public init?(time: String, thread: ThreadID, segment: ThreadID? = nil, isCompressed: Bool = false) {
    guard Self.isTime(time) else { return nil }
    self.time = time
    self.thread = thread
    self.segment = segment
    self.isCompressed = isCompressed
    foreign = nil
  }

  /// Creates the name of a thread's first file, made at a time between the years 0 and 9999.
  public init(at time: Timestamp, thread: ThreadID) {
    self.time = time.nameText
    self.thread = thread
    segment = nil
    isCompressed = false
    foreign = nil
  }

  /// Takes any name of a thread's file as it is; what the name does not tell counts as the first file's.
  ///
  /// - Parameters:
  ///   - name: the file's name.
  ///   - thread: the thread, which a name of another form need not name.
  public init(foreign name: String, thread: ThreadID) {
    isCompressed = name.hasSuffix(".zst")
    self.thread = thread
    segment = Self.ids(in: name).flatMap { $0.thread == thread ? $0.segment : nil }
    let time = String((name.hasPrefix("rollout-") ? name.dropFirst(8) : name[...]).prefix(19))
    self.time = Self.isTime(time) ? time : "0000-00-00T00-00-00"
    foreign = name
  }

  /// Parses a name of another form that ends in its ids as Codex's own do, as `<thread>.jsonl`; nil where it does not.
  public init?(endingInIDs name: String) {
    guard let ids = Self.ids(in: name) else { return nil }
    self.init(foreign: name, thread: ids.thread)
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
    foreign ?? "rollout-\(time)-\(thread)\(segment.map { "_\($0)" } ?? "").jsonl\(isCompressed ? ".zst" : "")"
  }

  /// The same name for the uncompressed file.
  public var plain: RolloutName {
    if let foreign {
      return isCompressed ? RolloutName(foreign: String(foreign.dropLast(4)), thread: thread) : self
    }
    return RolloutName(time: time, thread: thread, segment: segment) ?? self
  }

  /// Whether the name has the form that Codex gives.
  public var isOrdinary: Bool { foreign == nil }

  /// The folders `YYYY/MM/DD` that the file belongs into under `sessions/`.
  public var dayFolders: [String] {
    [String(time.prefix(4)), String(time.dropFirst(5).prefix(2)), String(time.dropFirst(8).prefix(2))]
  }

  /// Orders by time, then by name.
  public static func < (left: RolloutName, right: RolloutName) -> Bool {
    (left.time, left.text) < (right.time, right.text)
  }

  /// The ids that a name ends in.
  private static func ids(in name: String) -> (thread: ThreadID, segment: ThreadID?)? {
    var rest = Substring(name)
    if rest.hasSuffix(".zst") { rest = rest.dropLast(4) }
    guard rest.hasSuffix(".jsonl"), let last = ThreadID(String(rest.dropLast(6).suffix(36))) else {
      return nil
    }
    rest = rest.dropLast(6 + 36)
    guard rest.hasSuffix("_"), let thread = ThreadID(String(rest.dropLast().suffix(36))) else {
      return (last, nil)
    }
    return (thread, last)
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
