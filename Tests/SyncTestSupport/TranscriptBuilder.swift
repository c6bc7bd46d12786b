import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// Makes transcripts that resemble real ones: legacy as Codex 0.133.0 writes them, paginated as 0.163.0.
///
/// Two builders that were told the same make the same bytes. Time passes by one second with each record.
public struct TranscriptBuilder: Sendable {
  /// The thread.
  public let thread: ThreadID
  /// The segment's own id; nil for a thread's first file.
  public let segment: ThreadID?
  /// The transcript's format.
  public let format: SessionMeta.Format
  /// The working directory of what is recorded from now on.
  public var cwd: String
  /// The lines so far, without their newlines.
  public var lines: [[UInt8]] = []
  /// The ordinal of the next record; only paginated records have one.
  public var nextOrdinal: Int64
  /// Seconds since `Sample.time(0)` of the next record.
  public var seconds: Int
  /// What `seconds` was at first.
  public let begun: Int
  /// Whether a turn was recorded already.
  var hasTurns = false

  /// Begins a transcript with its `session_meta`.
  ///
  /// - Parameter extra: members of the `session_meta` that replace or follow the usual ones.
  public init(
    _ thread: ThreadID = Sample.thread(1), segment: ThreadID? = nil, format: SessionMeta.Format = .paginated,
    cwd: String = "/home/alice/project", firstOrdinal: Int64 = 0, seconds: Int = 0,
    extra: [(String, JSONValue)] = []
  ) {
    self.thread = thread
    self.segment = segment
    self.format = format
    self.cwd = cwd
    nextOrdinal = firstOrdinal
    self.seconds = seconds
    begun = seconds
    var meta: JSONValue = [:]
    if format == .paginated { meta["session_id"] = .string(thread.text) }
    meta["id"] = .string(thread.text)
    meta["timestamp"] = .string(Sample.time(seconds))
    meta["cwd"] = .string(cwd)
    if format == .paginated { meta["runtime_workspace_roots"] = [.string(cwd)] }
    meta["originator"] = "codex_cli_rs"
    meta["cli_version"] = format == .paginated ? "0.163.0" : "0.133.0"
    meta["source"] = "vscode"
    meta["model_provider"] = "openai"
    meta["base_instructions"] = ["text": "You are a coding agent; see /home/alice/project."]
    if format == .paginated { meta["history_mode"] = "paginated" }
    for (key, value) in extra { meta[key] = value }
    record("session_meta", meta)
  }

  /// The file's name.
  public var name: RolloutName {
    get throws {
      let time = Sample.time(0).prefix(19).map { $0 == ":" ? "-" : String($0) }.joined()
      guard let name = RolloutName(time: time, thread: thread, segment: segment) else {
        throw Errno.invalidArgument
      }
      return name
    }
  }

  /// The whole file.
  public var bytes: [UInt8] { Array(lines.map { $0 + [0x0A] }.joined()) }

  /// The offset behind the last line.
  public var length: Int64 { Int64(bytes.count) }

  /// The `history_base` of a rollout that goes on from the end of this one.
  public var asBase: JSONValue {
    [
      "thread_id": .string((segment ?? thread).text), "end_ordinal_exclusive": .integer(nextOrdinal),
      "end_byte_offset": .integer(length),
    ]
  }

  /// Appends a record.
  public mutating func record(_ type: String, _ payload: JSONValue) {
    var value: JSONValue = ["timestamp": .string(Sample.time(seconds))]
    if format == .paginated {
      value["ordinal"] = .integer(nextOrdinal)
      nextOrdinal += 1
    }
    value["type"] = .string(type)
    value["payload"] = payload
    seconds += 1
    lines.append(value.bytes)
  }

  /// Appends an event.
  public mutating func event(_ type: String, _ members: [(String, JSONValue)] = []) {
    record("event_msg", .object([.init("type", .string(type))] + members.map { .init($0.0, $0.1) }))
  }

  /// Appends a message that the model sees.
  public mutating func message(_ role: String, _ text: String) {
    let kind: JSONValue = role == "assistant" ? "output_text" : "input_text"
    record(
      "response_item",
      ["type": "message", "role": .string(role), "content": [["type": kind, "text": .string(text)]]])
  }

  /// Writes the file below `folder`, in its `YYYY/MM/DD`; answers its path.
  @discardableResult
  public func write(below folder: FilePath) throws -> FilePath {
    let name = try name
    return try folder.put(name.dayFolders.joined(separator: "/") + "/" + name.text, bytes)
  }

  /// Writes the file and reads it back as the program does.
  public func scan(below folder: FilePath) throws -> RolloutScan {
    try RolloutScan(try write(below: folder), name: try name)
  }
}
