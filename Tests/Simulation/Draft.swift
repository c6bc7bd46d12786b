import CanonicalJSON
import Rollout

/// Lines as Codex appends them to a rollout: legacy as 0.133.0 does, paginated as 0.163.0.
struct Draft {
  let thread: ThreadID
  let format: SessionMeta.Format
  let cwd: String
  /// The ordinal of the next line.
  var ordinal: Int64 = 0
  /// The last history record so far.
  var last: Int?
  /// The turn that is open.
  var turn: String?
  /// The lines.
  var text = ""
  /// The time of the last line.
  var time = Timestamp(milliseconds: Truth.beginning)

  init(_ thread: ThreadID, _ format: SessionMeta.Format, cwd: String) {
    self.thread = thread
    self.format = format
    self.cwd = cwd
  }

  /// Appends a record.
  mutating func record(_ type: String, _ payload: String, at time: Timestamp) {
    self.time = time
    text += #"{"timestamp":"\#(time.text)","#
    if format == .paginated {
      text += #""ordinal":\#(ordinal),"#
      ordinal += 1
    }
    text += #""type":"\#(type)","payload":\#(payload)}"# + "\n"
  }

  /// Appends the first line of a rollout.
  ///
  /// - Parameter members: further members of the payload.
  mutating func meta(_ members: [(String, JSONValue)], _ truth: inout Truth) {
    let now = truth.now()
    var meta: JSONValue = [:]
    if format == .paginated { meta["session_id"] = .string(thread.text) }
    meta["id"] = .string(thread.text)
    meta["timestamp"] = .string(now.text)
    meta["cwd"] = .string(cwd)
    meta["originator"] = "codex_cli_rs"
    meta["cli_version"] = format == .paginated ? "0.163.0" : "0.133.0"
    meta["source"] = "vscode"
    meta["model_provider"] = "openai"
    if format == .paginated { meta["history_mode"] = "paginated" }
    for (key, value) in members { meta[key] = value }
    record("session_meta", String(decoding: meta.bytes, as: UTF8.self), at: now)
  }

  /// Appends a message that the model sees.
  mutating func message(_ role: String, _ truth: inout Truth) {
    let now = truth.now()
    let token = truth.add(after: last, at: now, text: Truth.words)
    say(role, Truth.words(token), at: now)
    last = token
  }

  /// Appends the message in which Codex tells the model its surroundings: the first of every thread.
  mutating func environment(_ truth: inout Truth) {
    let now = truth.now()
    let text = { (token: Int, cwd: String) in
      "<environment_context><cwd>\(cwd)</cwd><root>\(cwd)</root>#\(token)</environment_context>"
    }
    let token = truth.add(after: last, at: now) { text($0, "") }
    say("user", text(token, cwd), at: now)
    last = token
  }

  /// Appends a summary in place of what was said.
  mutating func compaction(_ truth: inout Truth) {
    let now = truth.now()
    let token = truth.add(after: last, at: now, text: Truth.words)
    record("compacted", #"{"message":"\#(Truth.words(token))","replacement_history":[]}"#, at: now)
    last = token
    settings(&truth)
  }

  /// Appends the marker by which Codex took the last turn back in a legacy rollout.
  mutating func rolledBack(_ truth: inout Truth) {
    let now = truth.now()
    last = truth.add(after: last, at: now) { _ in "" }
    record("event_msg", #"{"type":"thread_rolled_back","num_turns":1}"#, at: now)
  }

  /// Appends the beginning of a turn, up to the user's words.
  mutating func openTurn(_ truth: inout Truth) {
    let turn = "turn-\(truth.now().milliseconds)"
    self.turn = turn
    event("task_started", #","turn_id":"\#(turn)""#, &truth)
    if last == nil { environment(&truth) }
    let cwd = JSONValue.string(cwd).bytes
    record(
      "turn_context",
      #"{"turn_id":"\#(turn)","cwd":\#(String(decoding: cwd, as: UTF8.self)),"approval_policy":"never","model":"gpt-5"}"#,
      at: truth.now())
    message("user", &truth)
    let said = "#\(last ?? 0)"
    if format == .legacy { return event("user_message", #","message":"\#(said)""#, &truth) }
    let item = #"{"type":"UserMessage","content":[{"type":"text","text":"\#(said)"}]}"#
    event("item_completed", #","thread_id":"\#(thread)","item":\#(item)"#, &truth)
  }

  /// Appends the answer.
  mutating func answer(_ truth: inout Truth) { message("assistant", &truth) }

  /// Appends the end of a turn.
  mutating func closeTurn(_ truth: inout Truth) {
    event("task_complete", #","turn_id":"\#(turn ?? "")""#, &truth)
    turn = nil
  }

  /// Appends what is missing of the turn that is open.
  mutating func finishTurn(_ truth: inout Truth) {
    answer(&truth)
    closeTurn(&truth)
  }

  /// Appends whole turns.
  mutating func turns(_ count: Int, _ truth: inout Truth) {
    for _ in 0..<count {
      openTurn(&truth)
      answer(&truth)
      closeTurn(&truth)
    }
  }

  /// Appends what Codex appends whenever it opens a thread.
  mutating func settings(_ truth: inout Truth) {
    let cwd = String(decoding: JSONValue.string(cwd).bytes, as: UTF8.self)
    let settings = #"{"model":"gpt-5","approval_policy":"never","cwd":\#(cwd)}"#
    event("thread_settings_applied", #","thread_id":"\#(thread)","thread_settings":\#(settings)"#, &truth)
  }

  private mutating func event(_ type: String, _ members: String, _ truth: inout Truth) {
    record("event_msg", #"{"type":"\#(type)"\#(members)}"#, at: truth.now())
  }

  private mutating func say(_ role: String, _ text: String, at time: Timestamp) {
    let kind = role == "assistant" ? "output_text" : "input_text"
    let content =
      #"[{"type":"\#(kind)","text":\#(String(decoding: JSONValue.string(text).bytes, as: UTF8.self))}]"#
    record("response_item", #"{"type":"message","role":"\#(role)","content":\#(content)}"#, at: time)
  }
}
