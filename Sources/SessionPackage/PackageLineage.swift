import CanonicalJSON
import Rollout

/// What a package says of itself beyond the transfer tool's format: `metadata/lineage.json`.
///
/// A hint: content decides. Other programs' keys are ignored, threads of another form left out.
public struct PackageLineage: Hashable, Sendable {
  /// What `schema` must say.
  public static let schema = "codex-session-sync-lineage/1"

  /// The installation that packed, a UUID in lower case; nil where unknown.
  public var origin: String?
  /// The packing machine's name, for people.
  public var machine: String?
  /// What the packer called the package.
  public var title: String?
  /// The user's home folder on the packing machine, as spelled there.
  public var sourceHome: String?
  /// The same folder without links, where that is another path: Codex records the folders of threads so.
  public var realSourceHome: String?
  /// What is known of each thread.
  public var threads: [ThreadID: PackagedLineage]

  /// Creates a description from its parts.
  public init(
    origin: String? = nil, machine: String? = nil, title: String? = nil, sourceHome: String? = nil,
    realSourceHome: String? = nil, threads: [ThreadID: PackagedLineage] = [:]
  ) {
    self.origin = origin
    self.machine = machine
    self.title = title
    self.sourceHome = sourceHome
    self.realSourceHome = realSourceHome == sourceHome ? nil : realSourceHome
    self.threads = threads
  }

  /// Reads the file's content; nil where it is not of this form.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes), value["schema"]?.string == Self.schema
    else { return nil }
    origin = value["origin"]?.string.flatMap { ThreadID($0)?.text }
    machine = value["machine"]?.string
    title = value["title"]?.string
    sourceHome = value["source_home"]?.string
    realSourceHome = value["source_home_real"]?.string
    threads = [:]
    for member in value["threads"]?.members ?? [] {
      if let id = ThreadID(member.key) { threads[id] = PackagedLineage(member.value) }
    }
  }

  /// The file's content.
  var value: JSONValue {
    [
      "schema": .string(Self.schema),
      "origin": .text(origin),
      "machine": .text(machine),
      "title": .text(title),
      "source_home": .text(sourceHome),
      "source_home_real": .text(realSourceHome),
      "threads": .object(
        threads.sorted { $0.key < $1.key }.map { .init($0.key.text, $0.value.value) }),
    ]
  }
}

/// What a package says of one thread's history.
public struct PackagedLineage: Hashable, Sendable {
  /// How Codex keeps a thread's history.
  public enum Format: String, Sendable { case legacy, paginated }

  /// The lineage keys of head and older segments: SHA-256 in hex, the head's first.
  public var lineageKeys: [String]
  /// History records in the thread, its bases resolved.
  public var historyLength: Int
  /// The digest of the whole history: SHA-256 in hex.
  public var prefixDigest: String
  /// The format of the thread's rollouts.
  public var format: Format
  /// The marker in force, as it stands in `session_meta`; nil for a thread under its own id.
  public var marker: JSONValue?
  /// Columns of the thread's row that hold what the transfer tool needs, and nothing that is known of the thread.
  public var filledColumns: [String] = []

  /// Creates a description from its parts.
  public init(
    lineageKeys: [String], historyLength: Int, prefixDigest: String, format: Format, marker: JSONValue? = nil
  ) {
    self.lineageKeys = lineageKeys
    self.historyLength = historyLength
    self.prefixDigest = prefixDigest
    self.format = format
    self.marker = marker
  }

  /// Reads one thread's entry; nil where it is not of this form.
  init?(_ value: JSONValue) {
    guard let length = value["history_length"]?.integer, length >= 0,
      let digest = value["prefix_digest"]?.string,
      let format = value["format"]?.string.flatMap(Format.init)
    else { return nil }
    lineageKeys = value.texts("lineage_keys")
    historyLength = Int(length)
    prefixDigest = digest
    self.format = format
    marker = value["marker"] == .null ? nil : value["marker"]
    filledColumns = value.texts("filled_columns")
  }

  /// The entry as written.
  var value: JSONValue {
    [
      "lineage_keys": .array(lineageKeys.map { .string($0) }),
      "history_length": .integer(Int64(historyLength)),
      "prefix_digest": .string(prefixDigest),
      "format": .string(format.rawValue),
      "marker": marker ?? .null,
      "filled_columns": .array(filledColumns.map { .string($0) }),
    ]
  }
}

extension JSONValue {
  /// A string, or null.
  static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
