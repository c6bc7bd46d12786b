import CanonicalJSON

/// What `manifest.json` says of one executed plan.
public struct Transaction: Sendable, Hashable {
  /// The version of the journal's form.
  public static let formatVersion: Int64 = 1

  /// How far a transaction got.
  public enum Status: String, Sendable {
    /// What is to be done is on disk; of its effects none, some or all may be.
    case prepared
    /// All effects are on disk.
    case applied
    /// Done.
    case committed
    /// Undone later, by another transaction. Like the next one never written, but found out when the journal is read.
    case rolledBack = "rolled_back"
    /// Undone later but for some threads, which can be undone later still.
    case partlyRolledBack = "partly_rolled_back"
    /// Undone by recovery, or given up before anything was changed.
    case abandoned
  }

  /// A UUIDv7: sorted by text, transactions are in the order they were made.
  public let id: String
  /// Where it stands.
  public var status: Status
  /// When it was begun, RFC 3339.
  public let createdAt: String
  /// The command that made it: `sync`, `rollback`.
  public let command: String
  /// The digest of the plan it carries out.
  public let planDigest: String?
  /// What the command wants to remember: package, sessions, path mappings.
  public let details: JSONValue
  /// The transactions that this one undoes, the newest first; none where it is no rollback.
  public let undoes: [String]
  /// The home that it changed, as it was called then; nil where the journal was not told.
  public internal(set) var home: String?
  /// SHA-256 of `operations.jsonl`, 64 hexadecimal digits; nil before that is written.
  public internal(set) var operationsDigest: String?
  /// Whether what an undo would need of it was forgotten.
  public internal(set) var isForgotten = false
  /// The transactions that undo this one, as far as they stand, the newest first; found out when the journal is read.
  public internal(set) var undoers: [Transaction] = []

  /// Creates a manifest of a transaction that is about to be prepared.
  public init(
    id: String, createdAt: String, command: String, planDigest: String?, details: JSONValue,
    undoes: [String] = []
  ) {
    self.id = id
    status = .prepared
    self.createdAt = createdAt
    self.command = command
    self.planDigest = planDigest
    self.details = details
    self.undoes = undoes
  }

  /// The manifest as it is written.
  public var json: JSONValue {
    [
      "format_version": .integer(Self.formatVersion), "transaction_id": .string(id),
      "status": .string(status.rawValue),
      "codex_home": home.map(JSONValue.string) ?? .null,
      "operations_sha256": operationsDigest.map(JSONValue.string) ?? .null,
      "created_at": .string(createdAt), "command": .string(command),
      "plan_digest": planDigest.map(JSONValue.string) ?? .null,
      "undoes": .array(undoes.map(JSONValue.string)),
      "forgotten": .bool(isForgotten), "details": details,
    ]
  }

  /// Reads a manifest; nil where it is none.
  public init?(_ json: JSONValue) {
    guard json["format_version"]?.integer == Self.formatVersion, let id = json["transaction_id"]?.string,
      let status = json["status"]?.string.flatMap(Status.init), let createdAt = json["created_at"]?.string,
      let command = json["command"]?.string
    else { return nil }
    self.id = id
    self.status = status
    self.createdAt = createdAt
    self.command = command
    planDigest = json["plan_digest"]?.string
    details = json["details"] ?? .null
    home = json["codex_home"]?.string
    operationsDigest = json["operations_sha256"]?.string
    isForgotten = json["forgotten"] == .bool(true)
    undoes = (json["undoes"]?.array ?? []).compactMap(\.string)
  }
}
