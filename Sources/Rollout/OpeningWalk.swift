import CanonicalJSON

/// What of a record was left out because it is not to travel, by the place it stood at.
public struct DroppedKeys: Sendable, Hashable {
  /// How often each was left out: `session_meta.selected_capability_roots`.
  public private(set) var counts: [String: Int] = [:]
  /// What stood there, each once and the longest of them cut: what the journal keeps.
  public private(set) var originals: [String: String] = [:]

  /// How many bytes of one original are kept.
  static let limit = 1 << 12

  /// Nothing.
  public init() {}

  /// Whether nothing was left out.
  public var isEmpty: Bool { counts.isEmpty }

  mutating func note(_ path: String, _ value: JSONCursor) {
    // A record can hold any number of keys: of many, the first stand for the rest.
    let path = counts.count < 100 || counts[path] != nil ? path : "…"
    counts[path, default: 0] += 1
    if originals[path] == nil {
      originals[path] = String(decoding: value.rawBytes.prefix(Self.limit), as: UTF8.self)
    }
  }
}

extension OpeningTree {
  /// What a walk through a record comes upon.
  enum Find {
    /// A member that belongs to the conversation and holds no other.
    case conversation
    /// A member that is this machine's to say, and the value that takes its place.
    case receivers(JSONValue?)
    /// A working folder.
    case folder
    /// Folders that may be worked in.
    case folders
    /// A member that is left out and named.
    case dropped
    /// A member whose whole value gives way to another.
    case replaced(by: JSONValue)
  }

  /// Calls `body` with what is below a value: the object it stands in, its key and value, and where that is.
  func walk(
    _ cursor: JSONCursor, _ path: [String] = [],
    _ body: (_ object: JSONCursor, _ key: JSONCursor, _ value: JSONCursor, _ path: [String], Find) -> Void
  ) {
    if isFree { return }
    for element in cursor.elements { walk(element, path, body) }
    for (key, value) in cursor.members {
      let name = key.string
      let path = path + [name ?? "?"]
      guard let below = name.flatMap({ children[$0] }) else {
        body(cursor, key, value, path, .dropped)
        continue
      }
      switch below.treatment {
      case .dropped: body(cursor, key, value, path, .dropped)
      case .receivers(let ours): body(cursor, key, value, path, .receivers(ours))
      case .receiversFolder: body(cursor, key, value, path, .folder)
      case .receiversFolders: body(cursor, key, value, path, .folders)
      case .conversation:
        if let otherwise = below.otherwise, below.leavesSomethingOut(of: value) {
          body(cursor, key, value, path, .replaced(by: otherwise))
        } else {
          body(cursor, key, value, path, .conversation)
          below.walk(value, path, body)
        }
      }
    }
  }

  fileprivate func leavesSomethingOut(of value: JSONCursor) -> Bool {
    var found = false
    walk(value) { _, _, _, _, find in
      if case .conversation = find { return }
      found = true
    }
    return found
  }
}

extension OpeningKeys {
  /// Whether a JSON text is an object that the `source` of a `session_meta` may be: one with nothing unknown in it.
  public static func isSource(_ text: [UInt8]) -> Bool {
    guard let root = (try? JSONText(text))?.root, root.kind == .object, !root.members.isEmpty,
      root.doubledKey(aliases: aliases) == nil
    else { return false }
    return OpeningTree.source.map { !$0.leavesSomethingOut(of: root) } ?? false
  }
}
