import CanonicalJSON
import CodexHome
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct HomeConfigTests {
  @Test func anEmptyOrMissingFileGivesTheDefaults() throws {
    try withTemporaryFolder { folder in
      let config = try HomeConfig(readingFrom: folder.appending("config.toml"))
      #expect(try config == HomeConfig(text: ""))
      #expect(config.modelProvider == "openai" && config.model == nil && config.sqliteHome == nil)
      #expect(config.approvalPolicy == nil && config.approvalsReviewer == nil && config.sandboxMode == nil)
      #expect(!config.hasDefaultPermissions && config.writableRoots.isEmpty && config.trust.isEmpty)
      #expect(config.knownProviders.contains("openai"))
    }
  }

  @Test(arguments: [
    "[projects.\"/a b\"]\ntrust_level = \"trusted\"", "projects.\"/a b\".trust_level = \"trusted\"",
    "projects = { \"/a b\" = { trust_level = \"trusted\" } }",
    "[projects]\n'/a b' = {trust_level = 'trusted'}",
    "[projects.'/a b']\r\ntrust_level = 'trusted' # why not\r\n",
  ])
  func trustIsReadFromEveryFormOfTable(_ text: String) throws {
    #expect(try HomeConfig(text: text).trust == ["/a b": "trusted"])
  }

  @Test(arguments: [
    "[sandbox_workspace_write]\nwritable_roots = [\"/a\", '/b']",
    "sandbox_workspace_write.writable_roots = [\"/a\",\n\"/b\",]",
    "sandbox_workspace_write = {writable_roots = [\"/a\", \"/b\"]}",
  ])
  func writableRootsAreReadFromEveryFormOfTable(_ text: String) throws {
    #expect(try HomeConfig(text: text).writableRoots == ["/a", "/b"])
  }

  @Test func providersAreBuiltInOrConfigured() throws {
    let config = try HomeConfig(
      text: "model_provider = \"corp\"\n[model_providers.corp]\nname = \"x\"\n[model_providers.b]")
    #expect(config.modelProvider == "corp")
    #expect(config.knownProviders.isSuperset(of: ["corp", "b", "openai", "ollama", "lmstudio"]))
  }

  @Test func aGranularPolicyIsATable() throws {
    let config = try HomeConfig(
      text: "approval_policy = { granular = { rules = false, sandbox_approval = true } }")
    #expect(config.approvalPolicy == ["granular": ["rules": false, "sandbox_approval": true]])
  }

  @Test func aValueOfAnotherTypeIsAsIfItWereUnset() throws {
    let config = try HomeConfig(
      text: "model = 5\nmodel_provider = true\nsqlite_home = []\nsandbox_mode = 1.5\nprojects = 3\n"
        + "sandbox_workspace_write = \"x\"\napprovals_reviewer = 1979-05-27\nmodel_providers = 1")
    #expect(config.modelProvider == "openai" && config.model == nil && config.sqliteHome == nil)
    #expect(config.sandboxMode == nil && config.trust.isEmpty && config.approvalsReviewer == nil)
    #expect(config.writableRoots.isEmpty && config.knownProviders.count == 4)
  }

  @Test func defaultPermissionsAreSeen() throws {
    #expect(try HomeConfig(text: "default_permissions = \":workspace\"").hasDefaultPermissions)
  }

  /// Many keep their config.toml elsewhere, with a link in the home.
  @Test func aConfigThatIsASymbolicLinkIsRead() throws {
    try withTemporaryFolder { folder in
      let target = try folder.put("dotfiles/config.toml", "model = \"m\"")
      let path = try folder.put("home/auth.json", "{}").removingLastComponent().appending("config.toml")
      #expect(symlink(target.string, path.string) == 0)
      #expect(try HomeConfig(readingFrom: path).model == "m")
      #expect(try CodexHome(path.removingLastComponent(), sqliteHome: nil).config().model == "m")
    }
  }
}
