import CanonicalJSON
import DurableFiles
import SystemPackage

/// What is needed of Codex's configuration of a home.
///
/// It comes in layers (0.133.0 to 0.163.0), of which the upper one is asked first: `managed_config.toml` of the system,
/// `.codex/config.toml` of trusted projects, `config.toml` of the home, `config.toml` of the system. Up to 0.133.0
/// `profile` puts a table of `profiles` above the home's; from 0.149.0 on Codex does not start with it.
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
  /// What marks the root of a project.
  public let projectMarkers: [String]
  private let layers: Layers

  /// The files of a configuration, each read.
  struct Layers: Sendable, Hashable {
    /// `config.toml` of the system, below the home's.
    var system = JSONValue.object([])
    /// `config.toml` of the home.
    var home = JSONValue.object([])
    /// What the folder's trusted projects say.
    var projects: [JSONValue] = []
    /// `managed_config.toml` of the system, above all others.
    var managed = JSONValue.object([])

    /// All of them as one table.
    var table: JSONValue {
      let user = system.overlaid(by: home)
      let profile = user["profile"]?.string.flatMap { user["profiles"]?[$0] } ?? .object([])
      return (projects + [managed]).reduce(user.overlaid(by: profile)) { $0.overlaid(by: $1) }
    }
  }

  /// Providers that Codex knows without configuration (0.133.0 to 0.163.0).
  private static let builtIn: Set = ["openai", "ollama", "lmstudio", "amazon-bedrock"]

  /// What a project has no say in (0.133.0 to 0.163.0).
  private static let notOfProjects: Set = [
    "model_provider", "model_providers", "sqlite_home", "profile", "profiles", "projects",
  ]

  /// Reads the configuration of a home; what is missing gives the defaults.
  ///
  /// - Parameters:
  ///   - path: the home's `config.toml`.
  ///   - system: the folder of the system's own configuration.
  /// - Throws: `.config` where a file is no TOML: Codex itself does not start then.
  public init(readingFrom path: FilePath, system: FilePath? = nil) throws(CodexHomeError) {
    var layers = Layers(home: try ConfigFile.read(path))
    if let system {
      layers.system = try ConfigFile.read(system.appending("config.toml"))
      layers.managed = try ConfigFile.read(system.appending("managed_config.toml"))
    }
    self.init(layers)
  }

  /// Reads the text of a home's `config.toml`.
  public init(text: String) throws(ConfigDefect) {
    self.init(Layers(home: try ConfigFile.parse(Array(text.utf8))))
  }

  private init(_ layers: Layers) {
    self.layers = layers
    let table = layers.table
    sqliteHome = table["sqlite_home"]?.string
    modelProvider = table["model_provider"]?.string ?? "openai"
    model = table["model"]?.string
    knownProviders = Self.builtIn.union(table["model_providers"]?.members?.map(\.key) ?? [])
    approvalPolicy = table["approval_policy"].flatMap { $0.string != nil || $0.members != nil ? $0 : nil }
    approvalsReviewer = table["approvals_reviewer"]?.string
    sandboxMode = table["sandbox_mode"]?.string
    hasDefaultPermissions = table["default_permissions"] != nil
    writableRoots = (table["sandbox_workspace_write"]?["writable_roots"]?.array ?? []).compactMap(\.string)
    trust = (table["projects"]?.members ?? []).reduce(into: [:]) { trust, project in
      trust[project.key] = project.value["trust_level"]?.string
    }
    projectMarkers = table["project_root_markers"]?.array?.compactMap(\.string) ?? [".git"]
  }

  /// The configuration of a thread that works in a folder: with what the folder's trusted projects say.
  ///
  /// Codex looks from the root of the project down to the folder; each folder counts by its own trust level, else by
  /// the root's (0.133.0 to 0.163.0). Without a root there is the folder alone.
  public func inFolder(_ folder: String) throws(CodexHomeError) -> HomeConfig {
    let folder = FilePath(folder)
    guard folder.isAbsolute else { return self }
    let root = root(of: folder) ?? folder
    var layers = layers
    var place = folder
    while true {
      if (trust[place.string] ?? trust[root.string]) == "trusted" {
        let project = try ConfigFile.read(place.appending(".codex").appending("config.toml"))
        let members = (project.members ?? []).filter { !Self.notOfProjects.contains($0.key) }
        layers.projects.insert(.object(members), at: 0)
      }
      if place == root || !place.removeLastComponent() { break }
    }
    return HomeConfig(layers)
  }

  /// The nearest folder that is the root of a project; nil where there is none.
  func root(of folder: FilePath) -> FilePath? {
    var folder = folder
    while true {
      let isRoot = projectMarkers.contains { ((try? FileStamp.of(folder.appending($0))) ?? nil) != nil }
      if isRoot { return folder }
      if !folder.removeLastComponent() { return nil }
    }
  }
}
