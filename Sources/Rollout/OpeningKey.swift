import CanonicalJSON

/// One thing that Codex reads when it opens a thread, and what becomes of it in what is written here.
///
/// What a package brings must not act: neither start anything nor change what Codex may do unasked. So the list of
/// these keys is closed (`OpeningKeys.all`): what is not on it does not travel in the records that Codex acts on.
public struct OpeningKey: Sendable, Hashable {
  /// Where a key stands.
  public enum Place: String, Sendable, CaseIterable {
    /// The payload of a `session_meta`.
    case sessionMeta = "session_meta"
    /// The payload of a `turn_context`.
    case turnContext = "turn_context"
    /// The payload of the event `thread_settings_applied`.
    case settings = "thread_settings_applied"
    /// A column of the catalogue's table `threads`.
    case row = "threads"
    /// A column of the catalogue's table `thread_dynamic_tools`.
    case dynamicTool = "thread_dynamic_tools"
  }

  /// What becomes of a key.
  public enum Treatment: Sendable, Hashable {
    /// It belongs to the conversation and travels as it is.
    case conversation
    /// It is this machine's to say: a value takes its place, or, for nil, nothing does.
    case receivers(JSONValue?)
    /// A working folder: the place on this machine takes its place.
    case receiversFolder
    /// Folders that may be worked in: the record's own working folder takes their place.
    case receiversFolders
    /// It is left out and the report names it.
    case dropped
  }

  /// Where the key stands.
  public let place: Place
  /// The key below the payload, its parents before it: `git.branch`.
  ///
  /// A last component `*` stands for everything below.
  public let path: String
  /// What becomes of it.
  public let treatment: Treatment
  /// The first version of Codex, from 0.133.0 on, that was seen to write or read it.
  public let since: String
  /// The last version that reads it; nil where the newest does.
  public let until: String?
  /// What it makes Codex do, and why it is treated so.
  public let note: String
  /// What takes the place of the whole value where something below it is not on the list.
  public let otherwise: JSONValue?

  init(
    _ place: Place, _ path: String, _ treatment: Treatment, _ since: String, until: String? = nil,
    otherwise: JSONValue? = nil, _ note: String
  ) {
    self.place = place
    self.path = path
    self.treatment = treatment
    self.since = since
    self.until = until
    self.otherwise = otherwise
    self.note = note
  }
}

/// The list of one place as a tree, by which a record is walked.
struct OpeningTree: Sendable {
  /// What becomes of the value; `conversation` for what only holds others.
  private(set) var treatment = OpeningKey.Treatment.conversation
  private(set) var otherwise: JSONValue?
  /// Whether everything below travels.
  private(set) var isFree = false
  private(set) var children: [String: OpeningTree] = [:]

  private init() {}

  /// The tree of a record's place, from its outermost object on; nil for a kind of record that Codex does not act on.
  static func of(_ kind: RecordKind) -> OpeningTree? {
    switch kind {
    case .sessionMeta: sessionMeta
    case .turnContext: turnContext
    case .settingsApplied: settings
    default: nil
    }
  }

  /// The tree of a thread's source.
  static var source: OpeningTree? { sessionMeta.children["payload"]?.children["source"] }

  private static let sessionMeta = OpeningTree(record: .sessionMeta)
  private static let turnContext = OpeningTree(record: .turnContext)
  private static let settings = OpeningTree(record: .settings)

  private init(record place: OpeningKey.Place) {
    for key in ["timestamp", "ordinal", "type"] { children[key] = OpeningTree() }
    var payload = OpeningTree()
    for key in OpeningKeys.all where key.place == place {
      payload.insert(key, at: key.path.split(separator: ".").map(String.init)[...])
    }
    children["payload"] = payload
  }

  private mutating func insert(_ key: OpeningKey, at path: ArraySlice<String>) {
    switch path.first {
    case nil:
      treatment = key.treatment
      otherwise = key.otherwise
    case "*": isFree = true
    case let name?: children[name, default: OpeningTree()].insert(key, at: path.dropFirst())
    }
  }
}
