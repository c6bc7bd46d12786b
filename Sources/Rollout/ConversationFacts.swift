import CanonicalJSON

/// What the catalogue says of a thread, as far as its transcript tells.
public struct ConversationFacts: Sendable, Hashable {
  /// The first thing the user said, as Codex's own user interface shows it.
  public private(set) var firstUserMessage: String?
  /// The time of the last record that has one, RFC 3339.
  public private(set) var lastTimestamp: String?
  /// The value of the last `thread_settings` that names this thread; Codex ignores foreign ones (0.163.0).
  public private(set) var settings: JSONValue?
  /// All tokens used, by the last count.
  public private(set) var tokensUsed: Int64?
  /// The id of a turn that was begun and not ended.
  public private(set) var openTurn: String?
  /// The id of the turn that ended last.
  public private(set) var endedTurn: String?
  private var fallbackUserMessage: String?
  private var turnContextBytes: [UInt8]?

  /// Starts with nothing known.
  public init() {}

  /// The working directory that resuming the thread would use.
  ///
  /// Codex 0.163.0 takes the last settings record's, else the first `session_meta`'s; 0.149.0 always the latter.
  public func cwd(_ meta: SessionMeta) -> String? { settings?["cwd"]?.string ?? meta.cwd }

  /// The payload of the last `turn_context`.
  public var turnContext: JSONValue? { turnContextBytes.flatMap { try? JSONValue(parsing: $0) } }

  /// What the user said first, from the model's records where no event says so.
  public var preview: String? { firstUserMessage ?? fallbackUserMessage }

  /// Reads the record that `reader` has just read.
  mutating func read(_ line: Span<UInt8>, _ reader: RecordReader, thread: ThreadID) {
    if let time = line.string(at: reader.envelope.timestamp) { lastTimestamp = time }
    guard let place = reader.envelope.payload, matters(line, reader) else { return }
    let bytes = line.extracting(place).withUnsafeBufferPointer { Array($0) }
    if reader.kind == .turnContext {
      turnContextBytes = bytes
    } else if let payload = (try? JSONText(bytes))?.root {
      read(payload, reader.kind, thread: thread)
    }
  }

  /// Whether a record can say anything new.
  private func matters(_ line: Span<UInt8>, _ reader: RecordReader) -> Bool {
    switch reader.kind {
    case .settingsApplied, .turnContext, .turnStarted, .turnEnded: true
    case .responseItem: fallbackUserMessage == nil && reader.isUserMessage(line)
    case .otherEvent:
      switch line.string(at: reader.envelope.payloadType) {
      case "token_count": true
      case "user_message", "item_completed": firstUserMessage == nil
      default: false
      }
    default: false
    }
  }

  private mutating func read(_ payload: JSONCursor, _ kind: RecordKind, thread: ThreadID) {
    switch kind {
    case .settingsApplied:
      let owner = payload["thread_id"]?.string
      if owner == nil || owner == thread.text, let value = payload["thread_settings"] {
        settings = JSONValue(value)
      }
    case .turnStarted: openTurn = payload["turn_id"]?.string ?? ""
    case .turnEnded:
      endedTurn = payload["turn_id"]?.string ?? openTurn
      openTurn = nil
    case .otherEvent: readEvent(payload)
    case .responseItem:
      fallbackUserMessage = RecordMask.userTexts(payload).compactMap(\.string).first { !$0.hasPrefix("<") }
    default: break
    }
  }

  private mutating func readEvent(_ payload: JSONCursor) {
    switch payload["type"]?.string {
    case "token_count":
      tokensUsed = payload["info"]?["total_token_usage"]?["total_tokens"]?.integer ?? tokensUsed
    case "user_message" where firstUserMessage == nil:
      firstUserMessage = payload["message"]?.string
    case "item_completed" where firstUserMessage == nil:
      guard let item = payload["item"], item["type"]?.string == "UserMessage" else { return }
      firstUserMessage = item["content"]?.elements.compactMap { $0["text"]?.string }.first
    default: break
    }
  }

  /// The facts of a transcript whose earlier part has `self` and whose later part has `later`.
  func followed(by later: ConversationFacts) -> ConversationFacts {
    var facts = later
    facts.firstUserMessage = firstUserMessage ?? later.firstUserMessage
    facts.fallbackUserMessage = fallbackUserMessage ?? later.fallbackUserMessage
    facts.lastTimestamp = later.lastTimestamp ?? lastTimestamp
    facts.settings = later.settings ?? settings
    facts.turnContextBytes = later.turnContextBytes ?? turnContextBytes
    facts.tokensUsed = later.tokensUsed ?? tokensUsed
    return facts
  }
}
