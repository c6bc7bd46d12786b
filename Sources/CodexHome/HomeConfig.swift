import CanonicalJSON
import DurableFiles
import SystemPackage
import TOMLKit

/// What is needed of a home's `config.toml`.
public struct HomeConfig: Sendable, Hashable {
  /// Where the databases are to be.
  public let sqliteHome: String?
  /// The provider that new threads use; Codex's default is `openai`.
  public let modelProvider: String
  /// The model that new threads use, if it is set.
  public let model: String?
  /// Providers that a thread can name here: those configured, and Codex's built-in ones.
  public let knownProviders: Set<String>
  /// The value of `approval_policy`: text, or the table of a granular policy.
  public let approvalPolicy: JSONValue?
  /// The value of `approvals_reviewer`.
  public let approvalsReviewer: String?
  /// The value of `sandbox_mode`.
  public let sandboxMode: String?
  /// Whether `default_permissions` is set; it beats `sandbox_mode` (0.163.0).
  public let hasDefaultPermissions: Bool
  /// Further folders that may be written to.
  public let writableRoots: [String]
  /// The trust level of each project folder that has one.
  public let trust: [String: String]
  /// Whether the file is there and cannot be understood.
  public let isUnreadable: Bool

  /// Providers that Codex knows without configuration (0.163.0).
  private static let builtIn: Set = ["openai", "ollama", "lmstudio", "amazon-bedrock"]

  /// Reads the file, which many keep as a symbolic link to another place; a missing one gives the defaults, one that is no TOML gives them too and says so.
  public init(readingFrom path: FilePath) throws(CodexHomeError) {
    let bytes = try withFiles { () throws(FileError) in
      try FileReading.bytesIfPresent(of: path, followingLinks: true)
    }
    self.init(text: String(decoding: bytes ?? [], as: UTF8.self))
  }

  /// Reads TOML text.
  public init(text: String) {
    let parsed = try? TOMLTable(string: text)
    let table = parsed ?? TOMLTable()
    isUnreadable = parsed == nil
    sqliteHome = table["sqlite_home"]?.string
    modelProvider = table["model_provider"]?.string ?? "openai"
    model = table["model"]?.string
    knownProviders = Self.builtIn.union(table["model_providers"]?.table?.keys ?? [])
    approvalPolicy = table["approval_policy"].flatMap { value in
      value.string.map(JSONValue.string) ?? value.table.map(Self.json)
    }
    approvalsReviewer = table["approvals_reviewer"]?.string
    sandboxMode = table["sandbox_mode"]?.string
    hasDefaultPermissions = table["default_permissions"] != nil
    let roots = table["sandbox_workspace_write"]?.table?["writable_roots"]?.array
    writableRoots = roots?.compactMap(\.string) ?? []
    var trust: [String: String] = [:]
    if let projects = table["projects"]?.table {
      for key in projects.keys { trust[key] = projects[key]?.table?["trust_level"]?.string }
    }
    self.trust = trust
  }

  private static func json(_ table: TOMLTable) -> JSONValue {
    .object(
      table.keys.sorted().map { key in
        let value = table[key]
        let json: JSONValue =
          value?.table.map(Self.json) ?? value?.bool.map(JSONValue.bool) ?? value?.string.map(
            JSONValue.string) ?? .null
        return JSONValue.Member(key, json)
      })
  }
}
