import CanonicalJSON

/// Rewrites records for this machine: what is bound to a machine, and what Codex would act on (`OpeningKeys`); every
/// other byte stays as it is.
public struct RecordRewriter: Sendable {
  /// What the first `session_meta` of a new file is to say.
  public struct HeadChanges: Sendable, Hashable {
    /// The value of `codex_session_sync`; nil leaves the key away.
    public let marker: JSONValue?
    /// The value of `forked_from_id`, where it is to change.
    public let forkedFrom: ThreadID?
    /// The value of `model_provider`, where it is to change.
    ///
    /// Codex 0.163.0 lists a thread by the provider that its file begins with, not by the one in the catalogue.
    public let provider: String?
    /// The value of `timestamp`, where it is to change.
    ///
    /// Codex takes it for the time at which the thread was created, not that of the record (0.133.0 to 0.163.0).
    public let created: Timestamp?

    /// Creates the changes.
    public init(
      marker: JSONValue? = nil, forkedFrom: ThreadID? = nil, provider: String? = nil,
      created: Timestamp? = nil
    ) {
      self.marker = marker
      self.forkedFrom = forkedFrom
      self.provider = provider
      self.created = created
    }
  }

  private let paths: PathMap
  private let renames: [ThreadID: ThreadID]
  /// Whether records come from elsewhere, so that the closed list applies.
  private let isReceiving: Bool

  /// Creates a rewriter for records that come from elsewhere; `renames` are threads that live under another id here than
  /// where the records were written.
  public init(paths: PathMap, renames: [ThreadID: ThreadID] = [:]) {
    self.paths = paths
    self.renames = renames
    isReceiving = true
  }

  private init() {
    paths = .identity
    renames = [:]
    isReceiving = false
  }

  /// Leaves records as they are, but for what flattening changes: what a package is written with.
  static let packing = RecordRewriter()

  /// The line as it is to be written here.
  ///
  /// - Parameters:
  ///   - line: the record, without its newline.
  ///   - kind: what it is.
  ///   - ordinal: the ordinal to give the record; nil leaves what is there.
  ///   - head: the changes of a new file's first record; nil for every other record.
  ///   - dropped: takes what is left out.
  ///   - translate: the new ordinal for an old one, for fields that count in ordinals.
  public func rewrite(
    _ line: [UInt8], kind: RecordKind, ordinal: Int64?, head: HeadChanges? = nil,
    dropped: inout DroppedKeys, translate: (Int64) -> Int64 = { $0 }
  ) -> [UInt8] {
    guard kind.isJSON, let text = try? JSONText(line), text.root.kind == .object else {
      return line
    }
    var splice = JSONSplice(text)
    let root = text.root
    if let ordinal {
      if let old = root["ordinal"] {
        if old.integer != ordinal { splice.replace(old, with: .integer(ordinal)) }
      } else {
        splice.append("ordinal", .integer(ordinal), to: root)
      }
    }
    if isReceiving, let tree = OpeningTree.of(kind) { receive(root, kind, tree, &splice, &dropped) }
    guard let payload = root["payload"] else { return splice.result }
    switch kind {
    case .sessionMeta:
      for key in ["id", "session_id", "parent_thread_id"] { rename(payload[key], &splice) }
      rename(payload["source"]?["subagent"]?["thread_spawn"]?["parent_thread_id"], &splice)
      if let head { rewriteHead(payload, head, translate, &splice) }
    case .responseItem:
      for cursor in RecordMask.userTexts(payload) { contextPaths(cursor, in: text, &splice) }
    default: break
    }
    return splice.result
  }

  /// Applies the closed list to a record that Codex acts on.
  private func receive(
    _ root: JSONCursor, _ kind: RecordKind, _ tree: OpeningTree, _ splice: inout JSONSplice,
    _ dropped: inout DroppedKeys
  ) {
    tree.walk(root) { object, key, value, path, find in
      switch find {
      case .conversation: break
      case .receivers(let ours?): splice.replace(value, with: ours)
      case .receivers(nil): splice.remove(member: key, from: object)
      case .folder: self.path(value, &splice)
      case .folders:
        if let own = object["cwd"]?.string {
          splice.replace(value, with: [.string(paths.localise(own).path)])
        } else {
          splice.remove(member: key, from: object)
        }
      case .dropped:
        dropped.note(kind.name(path), value)
        splice.remove(member: key, from: object)
      case .replaced(let other):
        dropped.note(kind.name(path), value)
        splice.replace(value, with: other)
      }
    }
  }

  private func rewriteHead(
    _ payload: JSONCursor, _ head: HeadChanges, _ translate: (Int64) -> Int64, _ splice: inout JSONSplice
  ) {
    splice.remove("history_base", from: payload)
    for key in ["forked_from_ordinal_exclusive", "subagent_history_start_ordinal"] {
      guard let cursor = payload[key], let old = cursor.integer else { continue }
      if translate(old) != old { splice.replace(cursor, with: .integer(translate(old))) }
    }
    set("forked_from_id", head.forkedFrom.map { .string($0.text) }, payload, &splice)
    set("codex_session_sync", head.marker, payload, &splice)
    set("model_provider", head.provider.map(JSONValue.string), payload, &splice)
    set("timestamp", head.created.map { .string($0.text) }, payload, &splice)
  }

  private func set(_ key: String, _ value: JSONValue?, _ payload: JSONCursor, _ splice: inout JSONSplice) {
    guard let value else { return }
    if let old = payload[key] {
      splice.replace(old, with: value)
    } else {
      splice.append(key, value, to: payload)
    }
  }

  private func rename(_ cursor: JSONCursor?, _ splice: inout JSONSplice) {
    guard let cursor, let old = cursor.string.flatMap(ThreadID.init), let new = renames[old], new != old
    else { return }
    splice.replace(cursor, with: .string(new.text))
  }

  private func path(_ cursor: JSONCursor?, _ splice: inout JSONSplice) {
    guard let cursor, let old = cursor.string else { return }
    let new = paths.slot(old)
    if new != old { splice.replace(cursor, with: .string(new)) }
  }

  private func contextPaths(_ cursor: JSONCursor, in text: JSONText, _ splice: inout JSONSplice) {
    for slot in TextSlots.ranges(in: text.bytes.span, at: cursor.range, anyMessage: false) {
      let quoted = [0x22] + text.bytes[slot] + [0x22]
      guard let old = (try? JSONText(quoted))?.root.string else { continue }
      let new = paths.localise(old).path
      if new != old { splice.replace(slot, with: Array(JSONValue.string(new).bytes.dropFirst().dropLast())) }
    }
  }
}

extension RecordKind {
  /// How a report names a place in a record of this kind.
  fileprivate func name(_ path: [String]) -> String {
    let place: OpeningKey.Place =
      switch self {
      case .sessionMeta: .sessionMeta
      case .turnContext: .turnContext
      default: .settings
      }
    return ([place.rawValue] + path.drop { $0 == "payload" }.map(SettingWord.shown)).joined(separator: ".")
  }
}
