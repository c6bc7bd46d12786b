import CanonicalJSON
import Rollout

extension TranscriptBuilder {
  /// Appends a whole turn: a question, perhaps a tool call, the answer, and the bookkeeping around them.
  public mutating func turn(_ question: String, _ answer: String? = nil, tool: String? = nil) {
    let turn = openTurn(question)
    if let tool { toolCall(tool) }
    closeTurn(turn, answer ?? "Echo: \(question)")
  }

  /// Says that turns were recorded already, by other means.
  public mutating func hasBegun() { hasTurns = true }

  /// Appends the beginning of a turn, up to the question; answers the turn's id.
  @discardableResult
  public mutating func openTurn(_ question: String) -> String {
    let isFirst = !hasTurns
    hasTurns = true
    let turn = "turn-\(seconds)"
    event("task_started", [("turn_id", .string(turn)), ("model_context_window", 258_400)])
    if isFirst {
      message("developer", "<permissions instructions>never ask</permissions instructions>")
      environment()
      if format == .paginated {
        record("world_state", ["full": true, "state": ["environments": ["local": ["cwd": .string(cwd)]]]])
      }
    }
    turnContext(turn)
    if isFirst, format == .paginated { settings() }
    message("user", question)
    userEvent(question, turn)
    return turn
  }

  /// Appends the answer and the end of a turn.
  public mutating func closeTurn(_ turn: String, _ answer: String) {
    if format == .paginated {
      item(turn, ["type": "AgentMessage", "content": [["type": "Text", "text": .string(answer)]]])
      message("assistant", answer)
      record("token_usage_record", ["thread_id": .string(thread.text), "turn_id": .string(turn)])
    } else {
      event("agent_message", [("message", .string(answer)), ("phase", .null)])
      message("assistant", answer)
    }
    event(
      "token_count",
      [("info", ["total_token_usage": ["total_tokens": 120]]), ("rate_limits", ["used": .number("12.5")])])
    event("task_complete", [("turn_id", .string(turn)), ("last_agent_message", .string(answer))])
  }

  /// Appends a tool call and its output.
  public mutating func toolCall(_ command: String) {
    let arguments = JSONValue.object([.init("cmd", .string(command)), .init("workdir", .string(cwd))]).bytes
    record(
      "response_item",
      [
        "type": "function_call", "name": "exec_command",
        "arguments": .string(String(decoding: arguments, as: UTF8.self)),
        "call_id": .string("call-\(seconds)"),
      ])
    record(
      "response_item",
      [
        "type": "function_call_output", "call_id": .string("call-\(seconds - 1)"),
        "output": "\u{1B}[1mdone\u{1B}[0m\n",
      ])
  }

  /// Appends the environment context, the user message in which Codex tells the model its surroundings.
  public mutating func environment() {
    message(
      "user",
      """
      <environment_context>
        <cwd>\(cwd)</cwd>
        <shell>bash</shell>
        <filesystem><workspace_roots><root>\(cwd)</root></workspace_roots></filesystem>
      </environment_context>
      """)
  }

  /// Appends a `turn_context`.
  public mutating func turnContext(_ turn: String) {
    record(
      "turn_context",
      [
        "turn_id": .string(turn), "cwd": .string(cwd), "approval_policy": "never",
        "sandbox_policy": [
          "type": "workspace-write", "writable_roots": [.string(cwd)], "network_access": false,
        ],
        "permission_profile": ["type": "disabled"], "model": "gpt-5", "summary": "auto",
      ])
  }

  /// Appends a settings record, as Codex does each time a thread is opened.
  public mutating func settings(approval: String = "never") {
    event(
      "thread_settings_applied",
      [
        ("thread_id", .string(thread.text)),
        (
          "thread_settings",
          [
            "model": "gpt-5", "approval_policy": .string(approval),
            "permission_profile": ["type": "disabled"],
            "cwd": .string(cwd), "runtime_workspace_roots": [.string(cwd)],
          ]
        ),
      ])
  }

  private mutating func userEvent(_ text: String, _ turn: String) {
    if format == .paginated {
      item(turn, ["type": "UserMessage", "content": [["type": "text", "text": .string(text)]]])
    } else {
      event("user_message", [("message", .string(text)), ("images", [])])
    }
  }

  private mutating func item(_ turn: String, _ item: JSONValue) {
    event(
      "item_completed", [("thread_id", .string(thread.text)), ("turn_id", .string(turn)), ("item", item)])
  }

  /// A paginated rollout that goes on from this one by reference: a fork, or with `segment`, what `thread/revert`
  /// makes.
  public func continued(as thread: ThreadID, segment: ThreadID? = nil) -> TranscriptBuilder {
    var extra: [(String, JSONValue)] = [("history_base", asBase)]
    if thread != self.thread {
      extra.append(("forked_from_id", .string(self.thread.text)))
      extra.append(("forked_from_ordinal_exclusive", .integer(nextOrdinal)))
    }
    return TranscriptBuilder(
      thread, segment: segment, format: .paginated, cwd: cwd, firstOrdinal: nextOrdinal, seconds: seconds,
      extra: extra)
  }
}
