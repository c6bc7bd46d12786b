import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct GuardedFoldersTests {
  @Test func noSpellingOfAGuardedFolderGetsPast() throws {
    try withTemporaryFolder { root in
      let home = try root.made("users").made("bob")
      for name in [".ssh", "code", ".codex"] { _ = try home.made(name) }
      _ = try home.appending("code").made("shop")
      try symlink(home.pushing("code/out"), to: "../.ssh")
      try symlink(home.pushing("code/up"), to: "..")
      try symlink(root.appending("link"), to: home.string)
      try symlink(root.appending("soon"), to: "\(home)/.later")
      let guarded = GuardedFolders(homes: [home], codexHome: root.appending("codex"))
      let cases: [(String, GuardedFolders.Reason?)] = [
        ("", .home), ("/", .home), ("//", .home), ("/.", .home), ("/code/..", .home),
        ("/nothing/..", .home), ("/code/up", .home), ("/../bob", .home), ("/..", .aboveHome),
        ("/../..", .aboveHome), ("/.ssh", .hidden), ("//.ssh//keys/", .hidden), ("/code/out", .hidden),
        ("/code/out/deep/er", .hidden), ("/.nothing", .hidden), ("/code/../.ssh", .hidden),
        ("/nothing/../.ssh", .hidden), ("/code/.git/hooks", .hidden), ("/code", nil), ("/code/shop", nil),
        ("/new/one", nil), ("/code/..shop", .hidden),
      ]
      for (path, reason) in cases { #expect(guarded.reason("\(home)\(path)") == reason, "~\(path)") }
      #expect(guarded.reason("\(root)/link") == .home)
      #expect(guarded.reason("\(root)/link/.ssh") == .hidden)
      #expect(guarded.reason("\(root)/link/code") == nil)
      #expect(guarded.reason("\(root)/soon/x") == .hidden)
      #expect(guarded.reason("\(root)/codex") == .codexHome)
      #expect(guarded.reason("\(root)/codex/skills/x") == .codexHome)
      #expect(guarded.reason("/") == .aboveHome)
      #expect(guarded.reason("\(root)/elsewhere") == nil)
    }
  }

  @Test func aHomeBehindALinkIsGuardedUnderBothNames() throws {
    try withTemporaryFolder { root in
      let real = try root.made("real")
      try symlink(root.appending("bob"), to: real.string)
      let guarded = GuardedFolders(
        homes: [root.appending("bob")], codexHome: root.pushing("bob/.codex"))
      #expect(guarded.reason(real.string) == .home)
      #expect(guarded.reason("\(real)/.ssh") == .hidden)
      #expect(guarded.reason("\(real)/.codex/sessions") == .codexHome)
    }
  }
}
