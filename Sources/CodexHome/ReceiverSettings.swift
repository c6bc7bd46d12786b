import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// The settings that a thread delivered to this home is to be resumed with: the home's own.
///
/// All of it was established by experiment with Codex 0.133.0 to 0.163.0; see docs/decisions. One value that Codex
/// cannot read makes it pass over the whole record, and the sender's policy applies: a relative path, an unknown
/// word, a granular policy that lacks a field. So what is not understood here is never passed on.
public struct ReceiverSettings: Sendable, Hashable {
  /// The value of `thread_settings` in the closing record.
  public let record: JSONValue
  /// What the `threads` row says.
  public let approvalMode: String
  /// What the `threads` row says, as JSON text.
  public let sandboxPolicy: String
  /// A provider that is configured here.
  public let modelProvider: String
  /// Whether a model is known, without which there is no record that Codex would heed (0.163.0).
  public let hasModel: Bool

  /// Derives the settings.
  ///
  /// - Parameters:
  ///   - config: this home's.
  ///   - wanted: the thread's working directory on this machine.
  ///   - localHome: takes its place where that is no path of this machine, such as `C:\project`.
  ///   - model: the thread's last model; the local default takes its place where it is none that Codex can use.
  ///   - effort: its last reasoning effort; leaving it out would clear it. One that Codex does not know is left out.
  ///   - provider: its last provider; the local default takes its place where it is not configured here.
  public init(
    config: HomeConfig, cwd wanted: String, localHome: String, model: String?, effort: String?,
    provider: String?
  ) {
    let cwd = wanted.hasPrefix("/") ? wanted : localHome
    modelProvider = provider.flatMap { config.knownProviders.contains($0) ? $0 : nil } ?? config.modelProvider
    let trust = Self.trust(config, cwd)
    let policy = Self.approvalPolicy(config, trust: trust)
    let profile = Self.neutralProfile(cwd)
    let model = [model, config.model].compactMap(\.self).first(where: SettingWord.isModel) ?? ""
    hasModel = !model.isEmpty
    let effort = effort.flatMap { SettingWord.isEffort($0) ? $0 : nil }
    var roots = [cwd]
    let isWorkspaceWrite =
      config.sandboxMode == "workspace-write" || config.sandboxMode == nil && trust != nil
    if isWorkspaceWrite, !config.hasDefaultPermissions {
      for root in config.writableRoots where root.hasPrefix("/") && !roots.contains(root) {
        roots.append(root)
      }
    }
    var record: JSONValue = [
      "model": .string(model), "model_provider_id": .string(modelProvider), "approval_policy": policy,
      "approvals_reviewer": .string(Self.reviewer(config)), "permission_profile": profile,
      "cwd": .string(cwd), "runtime_workspace_roots": .array(roots.map(JSONValue.string)),
    ]
    if let effort { record["reasoning_effort"] = .string(effort) }
    record["collaboration_mode"] = [
      "mode": "default",
      "settings": [
        "model": .string(model), "reasoning_effort": effort.map(JSONValue.string) ?? .null,
        "developer_instructions": .null,
      ],
    ]
    record["disabled_plugin_ids"] = []
    self.record = record
    approvalMode = policy.string ?? String(decoding: policy.bytes, as: UTF8.self)
    sandboxPolicy = String(decoding: profile.bytes, as: UTF8.self)
  }

  /// The schema migration of `state_<n>.sqlite` from which on Codex honours the record's policy (0.149.0).
  public static let honouredFromMigration = 50

  /// A profile that names no permission of any configuration.
  ///
  /// Codex 0.149.0 to 0.163.0 replaces it by the receiver's own permissions, whatever they are; read
  /// literally it would be stricter than read-only. An `active_permission_profile` is never written: it
  /// would be resolved here by the sender's name for it.
  private static func neutralProfile(_ cwd: String) -> JSONValue {
    [
      "type": "managed",
      "file_system": [
        "type": "restricted",
        "entries": [
          ["path": ["type": "path", "path": .string(cwd == "/" ? "/tmp" : cwd)], "access": "read"]
        ],
      ],
      "network": "restricted",
    ]
  }

  /// `on-failure` is read as `on-request` by 0.163.0; unset follows the project's trust level.
  private static func approvalPolicy(_ config: HomeConfig, trust: String?) -> JSONValue {
    switch config.approvalPolicy {
    case nil: trust == "untrusted" ? "untrusted" : "on-request"
    case let policy? where ["untrusted", "on-request", "never"].contains(policy) || isGranular(policy): policy
    default: "on-request"
    }
  }

  /// Whether a policy is a granular one that Codex can read.
  private static func isGranular(_ policy: JSONValue) -> Bool {
    guard policy.members?.count == 1, let fields = policy["granular"]?.members else { return false }
    return fields.allSatisfy { $0.value.bool != nil }
      && granularFields.isSubset(of: fields.map(\.key))
  }

  /// What a granular policy must have (0.163.0).
  private static let granularFields: Set = ["sandbox_approval", "rules", "mcp_elicitations"]

  private static func reviewer(_ config: HomeConfig) -> String {
    switch config.approvalsReviewer {
    case "guardian_subagent", "auto_review": "auto_review"
    default: "user"
    }
  }

  /// The trust level of the folder itself, else of the repository it is in.
  private static func trust(_ config: HomeConfig, _ cwd: String) -> String? {
    if let level = config.trust[cwd] { return level }
    var folder = FilePath(cwd)
    while folder.isAbsolute {
      if (try? FileStamp.of(folder.appending(".git"))) ?? nil != nil { return config.trust[folder.string] }
      if !folder.removeLastComponent() { return nil }
    }
    return nil
  }
}
