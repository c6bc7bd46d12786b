/// What a record is to a history.
public enum RecordKind: UInt8, Sendable {
  // History: what the model sees.
  case responseItem, compacted, interAgent, realtimeItem, retainedContext
  /// `event_msg/thread_rolled_back`: in a legacy file it takes turns out of the model's context.
  case rollbackMarker
  /// A type this program does not know: history, the safe side.
  case unknown

  // Bookkeeping: carried along, never decisive.
  case sessionMeta, turnContext, worldState, settingsApplied, turnStarted, turnEnded, otherEvent, usage
  /// A line that is not JSON, such as the NUL run that a crash leaves.
  case notJSON
  /// A line that is no UTF-8, as a write that was cut short leaves it. For one of them Codex refuses a whole legacy file
  /// (0.133.0 to 0.163.0), and does not list a paginated one (0.149.0 does not read it either): it is never written.
  case notUTF8

  /// Whether the record belongs to the history that is compared.
  public var isHistory: Bool { rawValue <= RecordKind.unknown.rawValue }

  /// Whether the line is a record at all.
  public var isJSON: Bool { self != .notJSON && self != .notUTF8 }

  /// Decides by `type`, and for events by `payload.type`.
  ///
  /// The types are those of Codex 0.133.0 to 0.163.0, read off the binaries' own parse errors.
  init(type: String?, event: @autoclosure () -> String?) {
    switch type {
    case "response_item": self = .responseItem
    case "compacted": self = .compacted
    case "inter_agent_communication", "inter_agent_communication_metadata": self = .interAgent
    case "realtime_item": self = .realtimeItem
    case "retained_context": self = .retainedContext
    case "session_meta": self = .sessionMeta
    case "turn_context": self = .turnContext
    case "world_state": self = .worldState
    case "token_usage_record", "security_risk_score": self = .usage
    case "event_msg":
      switch event() {
      case "thread_rolled_back": self = .rollbackMarker
      case "thread_settings_applied": self = .settingsApplied
      case "task_started", "turn_started": self = .turnStarted
      case "task_complete", "turn_complete", "turn_aborted": self = .turnEnded
      default: self = .otherEvent
      }
    default: self = .unknown
    }
  }
}
