import CanonicalJSON

/// What the catalogue says of a thread, as far as its transcript tells.
public struct ConversationFacts: Sendable, Hashable {
  /// The first thing the user said, as Codex's own user interface shows it.
  public private(set) var firstUserMessage: String?
  /// The time of the last record that has one, RFC 3339.
  public private(set) var lastTimestamp: String?
  /// The value of the last `thread_settings` that names this thread; Codex ignores foreign ones (0.163.0).
  public private(set) var settings: JSONValue?
  /// The id of a turn that was begun and not ended.
  public private(set) var openTurn: String?
  /// The id of the turn that ended last.
  public private(set) var endedTurn: String?
  /// The value of `memory_mode` in the last of the thread's own `session_meta`s that has one: up to 0.144.4 Codex
  /// appended one at each change.
  public private(set) var memoryMode: String?
  private var fallbackUserMessage: String?
  private var turnContextBytes: [UInt8]?
  private var tokenBytes: [UInt8]?
  private var settingsSize = 0

  /// Bytes of memory that the facts take, about.
  var size: Int {
    settingsSize + (turnContextBytes?.count ?? 0) + (tokenBytes?.count ?? 0)
      + (firstUserMessage?.utf8.count ?? 0) + (fallbackUserMessage?.utf8.count ?? 0)
      + (lastTimestamp?.utf8.count ?? 0)
  }

  /// Starts with nothing known.
  public init() {}

  /// The working directory that resuming the thread would use.
  ///
  /// Codex 0.163.0 takes the last settings record's, else the first `session_meta`'s; 0.149.0 always the latter.
  public func cwd(_ meta: SessionMeta) -> String? { settings?["cwd"]?.string ?? meta.cwd }

  /// The payload of the last `turn_context`.
  public var turnContext: JSONValue? { turnContextBytes.flatMap { try? JSONValue(parsing: $0) } }

  /// All tokens used, by the last count.
  public var tokensUsed: Int64? {
    tokenBytes.flatMap { try? JSONText($0).root }?["total_token_usage"]?["total_tokens"]?.integer
  }

  /// What the user said first, from the model's records where no event says so.
  public var preview: String? { firstUserMessage ?? fallbackUserMessage }

  /// Reads the record that `reader` has just read.
  ///
  /// Counts and contexts come with every turn and the last one counts: they are kept as they are.
  mutating func read(_ line: Span<UInt8>, _ reader: RecordReader, thread: ThreadID) {
    let envelope = reader.envelope
    if let time = line.string(at: envelope.timestamp) { lastTimestamp = time }
    guard let payload = envelope.payload else { return }
    switch reader.kind {
    case .turnContext: turnContextBytes = line.bytes(at: payload)
    case .sessionMeta, .settingsApplied, .turnStarted, .turnEnded:
      read(line, payload, reader.kind, thread: thread)
    case .responseItem where fallbackUserMessage == nil && reader.isUserMessage(line):
      read(line, payload, reader.kind, thread: thread)
    case .otherEvent:
      guard let type = envelope.payloadType else { return }
      if let info = envelope.info, line.holds("token_count", at: type),
        line[info.lowerBound] == UInt8(ascii: "{")
      {
        tokenBytes = line.bytes(at: info)
      } else if firstUserMessage == nil,
        line.holds("user_message", at: type) || line.holds("item_completed", at: type)
      {
        read(line, payload, reader.kind, thread: thread)
      }
    default: break
    }
  }

  private mutating func read(_ line: Span<UInt8>, _ place: Range<Int>, _ kind: RecordKind, thread: ThreadID) {
    guard let payload = (try? JSONText(line.bytes(at: place)))?.root else { return }
    read(payload, kind, thread: thread)
  }

  private mutating func read(_ payload: JSONCursor, _ kind: RecordKind, thread: ThreadID) {
    switch kind {
    case .sessionMeta:
      if payload["id"]?.string == thread.text, let mode = payload["memory_mode"]?.string { memoryMode = mode }
    case .settingsApplied:
      let owner = payload["thread_id"]?.string
      if owner == nil || owner == thread.text, let value = payload["thread_settings"] {
        settings = JSONValue(value)
        settingsSize = 2 * value.range.count + 100 * value.count
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
    case "user_message": firstUserMessage = payload["message"]?.string
    case "item_completed":
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
    facts.tokenBytes = later.tokenBytes ?? tokenBytes
    return facts
  }
}
