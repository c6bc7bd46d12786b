import CanonicalJSON
import CodexHome
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

/// The order in which Codex 0.133.0 to 0.163.0 asks its configuration files, as `thread/start` showed it.
struct ConfigLayerTests {
  private struct Machine {
    let root: FilePath
    var project: FilePath { root.appending("project") }
    var below: FilePath { project.appending("below") }
    var config: HomeConfig {
      get throws {
        try HomeConfig(
          readingFrom: root.appending("home").appending("config.toml"), system: root.appending("etc"))
      }
    }

    func put(_ text: String) throws { try root.put("home/config.toml", text) }

    func trust(_ folder: FilePath, _ level: String = "trusted") -> String {
      "[projects.\"\(folder)\"]\ntrust_level = \"\(level)\"\n"
    }
  }

  private func withMachine(_ body: (Machine) throws -> Void) throws {
    try withTemporaryFolder { try body(Machine(root: $0)) }
  }

  private let never = "approval_policy = \"never\"\n"
  private let asks = "approval_policy = \"on-request\"\n"

  @Test func theSystemsConfigIsBelowTheHomes() throws {
    try withMachine { machine in
      let providers = "model_provider = \"a\"\n[model_providers.a]\n[model_providers.b]"
      try machine.root.put("etc/config.toml", never + providers)
      try machine.put(asks + "[model_providers.c]")
      let config = try machine.config
      #expect(config.approvalPolicy == "on-request" && config.modelProvider == "a")
      #expect(config.knownProviders.isSuperset(of: ["a", "b", "c", "openai"]))
    }
  }

  @Test func theManagedConfigIsAboveAll() throws {
    try withMachine { machine in
      try machine.root.put("etc/managed_config.toml", asks)
      try machine.put(never + machine.trust(machine.project))
      try machine.project.put(".codex/config.toml", never)
      #expect(try machine.config.inFolder(machine.project.string).approvalPolicy == "on-request")
    }
  }

  @Test func aTrustedProjectHasASayInWhatMayBeDone() throws {
    try withMachine { machine in
      try machine.put(never + "model_provider = \"a\"\n" + machine.trust(machine.project))
      let others = "model_provider = \"b\"\nsqlite_home = \"/x\"\n[model_providers.b]"
      try machine.project.put(".codex/config.toml", asks + "model = \"m\"\n" + others)
      let config = try machine.config.inFolder(machine.project.string)
      #expect(config.approvalPolicy == "on-request" && config.model == "m")
      #expect(config.modelProvider == "a" && config.sqliteHome == nil)
      #expect(!config.knownProviders.contains("b"))
      #expect(try machine.config.approvalPolicy == "never")
      #expect(try machine.config.inFolder(machine.root.string).approvalPolicy == "never")
    }
  }

  @Test func aProjectThatIsNotTrustedHasNone() throws {
    try withMachine { machine in
      try machine.project.put(".codex/config.toml", never + "= broken")
      for text in [asks, asks + machine.trust(machine.project, "untrusted")] {
        try machine.put(text)
        #expect(try machine.config.inFolder(machine.project.string).approvalPolicy == "on-request")
      }
    }
  }

  @Test(arguments: [".git", ".mark"])
  func fromTheRootOfAProjectDownEachFolderCounts(_ mark: String) throws {
    try withMachine { machine in
      let markers = mark == ".git" ? "" : "project_root_markers = [\".mark\"]\n"
      try machine.put(markers + asks + machine.trust(machine.project))
      try machine.project.put(mark + "/HEAD", "")
      try machine.project.put(".codex/config.toml", never + "model = \"root\"\n")
      try machine.below.put(".codex/config.toml", "model = \"below\"\n")
      let config = try machine.config.inFolder(machine.below.string)
      #expect(config.approvalPolicy == "never" && config.model == "below")
      let distrust = machine.trust(machine.below, "untrusted")
      try machine.put(markers + asks + machine.trust(machine.project) + distrust)
      #expect(try machine.config.inFolder(machine.below.string).model == "root")
    }
  }

  @Test func withoutARootTheFolderAloneCounts() throws {
    try withMachine { machine in
      try machine.put("project_root_markers = [\".nowhere\"]\n" + asks + machine.trust(machine.project))
      try machine.project.put(".codex/config.toml", never)
      try machine.below.put("x", "")
      #expect(try machine.config.inFolder(machine.below.string).approvalPolicy == "on-request")
    }
  }

  @Test func aProfileIsAboveTheRestOfTheHomes() throws {
    let profile = "[profiles.x]\nmodel_provider = \"p\"\napproval_policy = \"never\"\n"
    let config = try HomeConfig(text: "profile = \"x\"\n" + asks + profile)
    #expect(config.approvalPolicy == "never" && config.modelProvider == "p")
  }
}
