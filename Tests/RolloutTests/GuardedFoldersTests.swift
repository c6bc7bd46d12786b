import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct GuardedFoldersTests {
  @Test func noSpellingOfAGuardedFolderGetsPast() throws {
    try withTemporaryFolder { root in
      let home = try root.made("users").made("bob")
      for name in [".ssh", "work", ".codex"] { _ = try home.made(name) }
      _ = try home.appending("work").made("shop")
      try symlink(home.pushing("work/out"), to: "../.ssh")
      try symlink(home.pushing("work/up"), to: "..")
      try symlink(root.appending("link"), to: home.string)
      try symlink(root.appending("soon"), to: "\(home)/.later")
      let guarded = GuardedFolders(homes: [home], codexHome: root.appending("codex"))
      let cases: [(String, GuardedFolders.Reason?)] = [
        ("", .home), ("/", .home), ("//", .home), ("/.", .home), ("/work/..", .home),
        ("/nothing/..", .home), ("/work/up", .home), ("/../bob", .home), ("/..", .aboveHome),
        ("/../..", .aboveHome), ("/.ssh", .hidden), ("//.ssh//keys/", .hidden), ("/work/out", .hidden),
        ("/work/out/deep/er", .hidden), ("/.nothing", .hidden), ("/work/../.ssh", .hidden),
        ("/nothing/../.ssh", .hidden), ("/work/.git/hooks", .hidden), ("/work", nil), ("/work/shop", nil),
        ("/new/one", nil), ("/work/..shop", .hidden),
      ]
      for (path, reason) in cases { #expect(guarded.reason("\(home)\(path)") == reason, "~\(path)") }
      #expect(guarded.reason("\(root)/link") == .home)
      #expect(guarded.reason("\(root)/link/.ssh") == .hidden)
      #expect(guarded.reason("\(root)/link/work") == nil)
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
