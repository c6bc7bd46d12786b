import CanonicalJSON
import Rollout
import SystemPackage

/// One rollout as the simulation reads it: by its own rules, line by line, with none of the library's.
struct RolloutView {
  /// One line.
  struct Line {
    let start: Int
    let end: Int
    let type: String
    let event: String?
    let ordinal: Int64?
    let turn: String?
    /// The history record that the line is; nil for bookkeeping.
    let token: Int?
  }

  let name: RolloutName
  let path: FilePath
  let bytes: [UInt8]
  let lines: [Line]
  /// The payload of the first line.
  let meta: JSONValue
  /// What Codex could not live with, or nobody said.
  let problems: [String]

  init(_ path: FilePath, _ name: RolloutName, _ bytes: [UInt8], _ truth: Truth) throws {
    self.path = path
    self.name = name
    self.bytes = bytes
    var lines: [Line] = []
    var meta: JSONValue?
    var problems: [String] = []
    var start = 0
    var highest: Int64 = -1
    while let newline = bytes[start...].firstIndex(of: 0x0A) {
      let value = try JSONValue(parsing: Array(bytes[start..<newline]))
      let payload = value["payload"] ?? .null
      if lines.isEmpty { meta = payload }
      let line = Line(
        start: start, end: newline + 1, type: value["type"]?.string ?? "", event: payload["type"]?.string,
        ordinal: value["ordinal"]?.integer, turn: payload["turn_id"]?.string,
        token: Self.token(value, payload, truth, &problems))
      if let ordinal = line.ordinal {
        // Codex 0.163.0 hides a record whose ordinal is not above those before it.
        if ordinal <= highest { problems.append("\(name.text): ordinal \(ordinal) behind \(highest)") }
        highest = ordinal
      }
      lines.append(line)
      start = newline + 1
    }
    if start != bytes.count { problems.append("\(name.text): torn") }
    self.meta = meta ?? .null
    self.lines = lines
    if let first = lines.first?.ordinal, lines.contains(where: { $0.ordinal == nil }) {
      problems.append("\(name.text): begins with ordinal \(first), and has lines without")
    }
    if self.meta["id"]?.string != name.thread.text { problems.append("\(name.text): another thread's id") }
    self.problems = problems
  }

  /// The history record that a line is, and whether it still says what it said.
  private static func token(
    _ value: JSONValue, _ payload: JSONValue, _ truth: Truth, _ problems: inout [String]
  ) -> Int? {
    let kind = value["type"]?.string
    guard kind == "response_item" || kind == "compacted" || payload["type"] == "thread_rolled_back" else {
      return nil
    }
    guard let token = value["timestamp"]?.string.flatMap(truth.token(at:)) else {
      problems.append("a history record that nobody made: \(String(decoding: value.bytes, as: UTF8.self))")
      return nil
    }
    let said = payload["message"]?.string ?? payload["content"]?.array?.first?["text"]?.string ?? ""
    if withoutPaths(said) != withoutPaths(truth.records[token].text) {
      problems.append("#\(token) now says \(said)")
    }
    return token
  }

  private static func withoutPaths(_ text: String) -> String {
    guard text.hasPrefix("<") else { return text }
    return text.split(separator: ">").map { part in
      part.hasSuffix("</cwd") || part.hasSuffix("</root") ? "" : String(part)
    }.joined(separator: ">")
  }

  var format: SessionMeta.Format { meta["history_mode"] == "paginated" ? .paginated : .legacy }
  /// Whether Codex says that it belongs to another thread.
  var isFork: Bool { meta["forked_from_id"] != nil || isSubagent }
  var isSubagent: Bool { meta["source"]?["subagent"] != nil }
  /// Whether our marker is in it.
  var hasMarker: Bool { meta["codex_session_sync"] != nil }
  /// The rollout that it goes on from, and the byte offset.
  var base: (rollout: ThreadID, offset: Int64, ordinal: Int64)? {
    guard let base = meta["history_base"], let id = base["thread_id"]?.string.flatMap(ThreadID.init),
      let offset = base["end_byte_offset"]?.integer, let ordinal = base["end_ordinal_exclusive"]?.integer
    else { return nil }
    return (id, offset, ordinal)
  }
  /// The ordinal of a line appended to it.
  var nextOrdinal: Int64 { (lines.compactMap(\.ordinal).max() ?? -1) + 1 }
  /// The turn that is open.
  var openTurn: String? {
    let last = lines.last { $0.event == "task_started" || $0.event == "task_complete" }
    return last?.event == "task_started" ? last?.turn : nil
  }

  /// The history up to a byte offset, bases resolved; nil where a base is missing or does not fit.
  func history(upTo end: Int64? = nil, _ rollouts: [ThreadID: RolloutView], depth: Int = 0) -> [Int]? {
    guard depth < 20 else { return nil }
    var tokens: [Int] = []
    if let base {
      guard let other = rollouts[base.rollout],
        let inherited = other.history(upTo: base.offset, rollouts, depth: depth + 1),
        let cut = other.lines.first(where: { Int64($0.end) == base.offset }),
        cut.ordinal.map({ $0 + 1 }) == base.ordinal
      else { return nil }
      tokens = inherited
    }
    return tokens + lines.filter { Int64($0.end) <= end ?? .max }.compactMap(\.token)
  }
}
