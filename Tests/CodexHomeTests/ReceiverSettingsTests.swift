import CanonicalJSON
import CodexHome
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

/// What the closing record says, rule by rule as found out with real Codex.
struct ReceiverSettingsTests {
  private func settings(
    _ config: String = "", cwd: String = "/work", model: String? = "m", effort: String? = nil,
    provider: String? = nil
  ) -> ReceiverSettings {
    guard let config = try? HomeConfig(text: config) else { preconditionFailure("no TOML: \(config)") }
    return ReceiverSettings(
      config: config, cwd: cwd, localHome: "/home/me", model: model, effort: effort,
      provider: provider)
  }

  private func roots(_ config: String, cwd: String = "/work") -> [String]? {
    settings(config, cwd: cwd).record["runtime_workspace_roots"]?.array?.compactMap(\.string)
  }

  @Test func theRecordHasAllThatCodexNeedsToHeedIt() {
    let expected: JSONValue = [
      "model": "m", "model_provider_id": "openai", "approval_policy": "on-request",
      "approvals_reviewer": "user",
      "permission_profile": [
        "type": "managed",
        "file_system": [
          "type": "restricted", "entries": [["path": ["type": "path", "path": "/work"], "access": "read"]],
        ], "network": "restricted",
      ], "cwd": "/work", "runtime_workspace_roots": ["/work"],
      "collaboration_mode": [
        "mode": "default",
        "settings": ["model": "m", "reasoning_effort": .null, "developer_instructions": .null],
      ], "disabled_plugin_ids": [],
    ]
    #expect(settings().record == expected)
  }

  @Test func noActiveProfileIsEverNamed() {
    for config in ["default_permissions = \":workspace\"", "sandbox_mode = \"danger-full-access\""] {
      #expect(settings(config).record["active_permission_profile"] == nil)
      #expect(settings(config).record["permission_profile"] == settings().record["permission_profile"])
    }
  }

  @Test func theProfileNamesAnotherPathThanTheRootOfAllFolders() {
    let profile = settings(cwd: "/").record["permission_profile"]
    let path = profile?["file_system"]?["entries"]?.array?.first?["path"]?["path"]?.string
    #expect(path == "/tmp")
    #expect(settings(cwd: "/").record["cwd"] == "/")
  }

  @Test func theEffortStandsTwiceOrNotAtAll() {
    let record = settings(effort: "high").record
    #expect(record["reasoning_effort"] == "high")
    #expect(record["collaboration_mode"]?["settings"]?["reasoning_effort"] == "high")
    #expect(settings().record["reasoning_effort"] == nil)
  }

  @Test func theModelIsTheThreadsElseTheHomes() {
    #expect(settings("model = \"mine\"").record["model"] == "m")
    let record = settings("model = \"mine\"", model: nil).record
    #expect(record["model"] == "mine" && record["collaboration_mode"]?["settings"]?["model"] == "mine")
  }

  @Test(
    arguments: [
      ("", nil, "openai"), ("", "ollama", "ollama"), ("", "corp", "openai"),
      ("model_provider = \"corp\"\n[model_providers.corp]", "other", "corp"),
      ("model_provider = \"corp\"\n[model_providers.corp]\n[model_providers.other]", "other", "other"),
    ] as [(String, String?, String)])
  func theProviderIsOneThatIsConfiguredHere(_ config: String, _ provider: String?, _ expected: String) {
    let settings = settings(config, provider: provider)
    #expect(settings.modelProvider == expected)
    #expect(settings.record["model_provider_id"]?.string == expected)
  }

  @Test(arguments: [
    ("never", "never"), ("on-request", "on-request"), ("untrusted", "untrusted"),
    ("on-failure", "on-request"),
    ("", "on-request"), ("sometimes", "on-request"), ("Never", "on-request"),
  ])
  func aPolicyIsTheHomesWhereCodexUnderstandsIt(_ policy: String, _ expected: String) {
    let settings = settings("approval_policy = \"\(policy)\"")
    #expect(settings.record["approval_policy"]?.string == expected)
    #expect(settings.approvalMode == expected)
  }

  @Test func aGranularPolicyIsTakenOver() {
    let fields =
      "mcp_elicitations = false, request_permissions = true, rules = false, sandbox_approval = true"
    let settings = settings("approval_policy = { granular = { \(fields), skill_approval = true } }")
    let expected: JSONValue = [
      "granular": [
        "mcp_elicitations": false, "request_permissions": true, "rules": false, "sandbox_approval": true,
        "skill_approval": true,
      ]
    ]
    #expect(settings.record["approval_policy"] == expected)
    #expect(settings.approvalMode == String(decoding: expected.bytes, as: UTF8.self))
  }

  /// Codex would pass over the whole record, and the sender's policy would apply.
  @Test(arguments: [
    "{ granular = { rules = true } }", "{ rules = true }", "{ granular = true }", "5", "[]", "true",
    "{ granular = { sandbox_approval = 1, rules = true, mcp_elicitations = true } }",
    "{ granular = { sandbox_approval = true, rules = true, mcp_elicitations = true }, other = 1 }",
  ])
  func aPolicyThatCodexCannotReadIsNotPassedOn(_ policy: String) {
    #expect(settings("approval_policy = \(policy)").record["approval_policy"] == "on-request")
  }

  @Test(arguments: [
    ("", "user"), ("user", "user"), ("auto_review", "auto_review"), ("guardian_subagent", "auto_review"),
    ("somebody", "user"),
  ])
  func aReviewerIsTheHomesWhereCodexUnderstandsIt(_ reviewer: String, _ expected: String) {
    let config = reviewer.isEmpty ? "" : "approvals_reviewer = \"\(reviewer)\""
    #expect(settings(config).record["approvals_reviewer"]?.string == expected)
  }

  @Test(arguments: [
    ("untrusted", "", "untrusted"), ("trusted", "", "on-request"), ("untrusted", "never", "never"),
    ("untrusted", "on-request", "on-request"),
  ])
  func anUnsetPolicyFollowsTheProjectsTrust(_ trust: String, _ policy: String, _ expected: String) {
    let set = policy.isEmpty ? "" : "approval_policy = \"\(policy)\"\n"
    let settings = settings(set + "[projects.\"/work\"]\ntrust_level = \"\(trust)\"")
    #expect(settings.approvalMode == expected)
  }

  @Test func trustIsThatOfTheRepository() throws {
    try withTemporaryFolder { folder in
      try folder.put("repository/.git/HEAD", "")
      let repository = folder.appending("repository")
      let config = "[projects.\"\(repository)\"]\ntrust_level = \"untrusted\""
      for inside in ["a/b", ""] {
        #expect(
          settings(config, cwd: repository.pushing(FilePath(inside)).string).approvalMode == "untrusted")
      }
      let plain = "[projects.\"\(folder)\"]\ntrust_level = \"untrusted\""
      #expect(settings(plain, cwd: folder.appending("no-repository").string).approvalMode == "on-request")
      #expect(settings(plain, cwd: repository.appending("a").string).approvalMode == "on-request")
    }
  }

  private static let write = "[sandbox_workspace_write]\nwritable_roots = [\"/x\", \"/work\", \"/y\"]\n"

  @Test(arguments: [
    ("sandbox_mode = \"workspace-write\"\n" + write, ["/work", "/x", "/y"]),
    ("sandbox_mode = \"read-only\"\n" + write, ["/work"]), (write, ["/work"]),
    (write + "[projects.\"/work\"]\ntrust_level = \"trusted\"", ["/work", "/x", "/y"]),
    ("sandbox_mode = \"read-only\"\n" + write + "[projects.\"/work\"]\ntrust_level = \"trusted\"", ["/work"]),
    ("default_permissions = \":workspace\"\nsandbox_mode = \"workspace-write\"\n" + write, ["/work"]),
  ])
  func writableRootsCountWhereTheWorkspaceIsWritten(_ config: String, _ expected: [String]) {
    #expect(roots(config) == expected)
  }

  @Test func aRootIsNamedOnce() {
    let config =
      "sandbox_mode = \"workspace-write\"\n[sandbox_workspace_write]\nwritable_roots = [\"/x\", \"/x\"]"
    #expect(roots(config) == ["/work", "/x"])
  }

  /// With 0.163.0 one such root, or such a cwd, let a sender's `never` and full access apply.
  @Test func aRootThatIsNoAbsolutePathIsLeftOut() {
    let config =
      "sandbox_mode = \"workspace-write\"\n[sandbox_workspace_write]\nwritable_roots = [\"x\", \"~/y\", \"\", \"/z\"]"
    #expect(roots(config) == ["/work", "/z"])
  }

  @Test(arguments: ["C:\\Users\\x\\project", "relative/path", "", "~/project", "\\\\server\\share"])
  func aWorkingDirectoryOfAnotherKindOfMachineIsReplacedByTheLocalHome(_ cwd: String) {
    let settings = settings(cwd: cwd)
    #expect(settings.record["cwd"] == "/home/me")
    #expect(settings.record["runtime_workspace_roots"] == ["/home/me"])
    #expect(!settings.sandboxPolicy.contains("project"))
  }

  @Test func theRowSaysTheSame() throws {
    let settings = settings("approval_policy = \"never\"")
    #expect(settings.approvalMode == "never")
    #expect(
      try JSONValue(parsing: Array(settings.sandboxPolicy.utf8)) == settings.record["permission_profile"])
  }
}
