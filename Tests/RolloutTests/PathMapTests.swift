import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct PathMapTests {
  private func map(_ rules: [(String, String)] = [], home: String? = nil, local: String = "/home/bob")
    -> PathMap
  {
    PathMap(explicit: rules.map { .init(from: $0.0, to: $0.1) }, sourceHome: home, localHome: local)
  }

  @Test(arguments: [
    ("/a", "/x", "/a", "/x"), ("/a", "/x", "/a/b", "/x/b"), ("/a/", "/x/", "/a/b/", "/x/b"),
    ("/a", "/x", "/ab", "/ab"),
    ("/", "/x", "/a/b", "/x/a/b"), ("/a", "/", "/a/b", "/b"), ("/a", "/", "/a", "/"),
    ("/A", "/x", "/a/b", "/a/b"),
    (#"C:\a"#, "/x", #"C:\a\b\c"#, "/x/b/c"), (#"C:\a"#, "/x", #"c:\A\b"#, "/x/b"),
    (#"C:\a"#, "/x", "C:/a/b", "/x/b"),
    (#"C:\a"#, "/x", #"\\?\C:\a\b"#, "/x/b"), (#"C:\a"#, "/x", "/mnt/c/a/b", "/x/b"),
    ("/mnt/c/a", "/x", #"C:\a\b"#, "/x/b"),
    (#"C:\a"#, "/x", #"C:\ab"#, #"C:\ab"#), (#"C:\a"#, "/x", #"D:\a"#, #"D:\a"#),
    (#"C:\"#, "/x", #"C:\a"#, "/x/a"),
    (#"\\Server\share"#, "/x", #"\\server\Share\a"#, "/x/a"),
    (#"\\server\share"#, "/x", #"\\?\UNC\server\share\a"#, "/x/a"),
    (#"\\server\share"#, "/x", #"\\server\other\a"#, #"\\server\other\a"#),
    ("/a", #"C:\x"#, "/a/b/c", #"C:\x\b\c"#),
    ("/a", #"C:\"#, "/a/b", #"C:\b"#), ("/a", #"C:\"#, "/a", #"C:\"#), ("/a", "C:/x", "/a/b", "C:/x/b"),
    ("/a", "/x", "a/b", "a/b"), ("/a", "/x", "", ""), ("/a", "/x", #"/a/b\c"#, #"/x/b\c"#),
    ("/a/./b", "/x", "/a/b/c", "/x/c"),
  ])
  func movesAPrefixOnComponentBorders(from: String, to: String, path: String, expected: String) {
    let result = map([(from, to)]).localise(path)
    #expect(result.path == expected)
  }

  @Test func theLongestPrefixDecides() {
    let rules = [("/a", "/1"), ("/a/b/c", "/3"), ("/a/b", "/2")]
    #expect(map(rules).localise("/a/b/c/d").path == "/3/d")
    #expect(map(rules).localise("/a/b/d").path == "/2/d")
    #expect(map(rules).localise("/a/c").path == "/1/c")
  }

  @Test func theKindOfRuleDecidesBeforeTheLength() {
    let path = #"C:\Users\al\Documents\p\q"#
    let home = map(home: #"C:\Users\al"#)
    let learned = home.learning(.init(from: #"C:\Users\al\Documents\p\q"#, to: "/learned"))
    let explicit = PathMap(
      explicit: [.init(from: #"C:\Users"#, to: "/explicit")], sourceHome: #"C:\Users\al"#,
      localHome: "/home/bob"
    ).learning(.init(from: path, to: "/learned"))
    #expect(explicit.localise(path).path == "/explicit/al/Documents/p/q")
    #expect(explicit.localise(path).rule == .explicit)
    #expect(learned.localise(path).path == "/learned")
    #expect(learned.localise(path).rule == .learned)
    #expect(home.localise(path).path == "/home/bob/Documents/p/q")
    #expect(home.localise(path).rule == .documents)
    #expect(home.localise(#"C:\Users\al\src"#).path == "/home/bob/src")
    #expect(home.localise(#"C:\Users\al\src"#).rule == .home)
    #expect(home.localise(#"D:\src"#).rule == nil)
    #expect(home.localise(#"D:\src"#).path == #"D:\src"#)
  }

  @Test func learnsNothingFromRelativePaths() {
    #expect(map().learning(.init(from: "a", to: "/b")) == map())
  }

  /// As `str.partition("\\Documents\\")` of the transfer tool has it.
  @Test(arguments: [
    (#"C:\Users\me\Documents\R"#, "/home/bob/Documents/R"),
    (#"\\?\C:\Users\me\Documents\R\s"#, "/home/bob/Documents/R/s"),
    (#"C:\Documents\a\Documents\b"#, "/home/bob/Documents/a/Documents/b"),
    (#"C:\Documents\R"#, "/home/bob/Documents/R"),
    (#"C:\Users\me\documents\R"#, #"C:\Users\me\documents\R"#),
    (#"C:\Users\me\Documents"#, #"C:\Users\me\Documents"#),
    (#"C:\Users\me\My Documents\R"#, #"C:\Users\me\My Documents\R"#),
    (#"C:\Users\me\Documents\"#, "/home/bob/Documents"),
    ("/home/me/Documents/R", "/home/me/Documents/R"), (#"\\server\Documents\R"#, "/home/bob/Documents/R"),
    (#"C:\Users\me\DocumentsOld\Documents\R"#, "/home/bob/Documents/R"),
  ])
  func theDocumentsRuleIsTheTransferTools(path: String, expected: String) {
    #expect(map().localise(path).path == expected)
  }

  /// No rule but the user's own word leads to his home folder, and only to what he named.
  @Test func theUsersWordIsForWhatHeNamed() throws {
    try withTemporaryFolder { root in
      let home = try root.made("bob").string
      for name in [".ssh", ".dot", "work"] { _ = try FilePath(home).made(name) }
      let guarded = GuardedFolders(homes: [FilePath(home)], codexHome: root.appending("codex"))
      func danger(_ path: String, _ rules: (String, String)..., learned: (String, String)? = nil)
        -> GuardedFolders.Reason?
      {
        var map = PathMap(
          explicit: rules.map { .init(from: $0.0, to: $0.1) }, sourceHome: "/home/eve", localHome: home,
          guarded: guarded)
        if let learned { map = map.learning(.init(from: learned.0, to: learned.1)) }
        return map.place(of: path).danger
      }
      #expect(danger("/home/eve") == .home)
      #expect(danger("/home/eve/work") == nil)
      #expect(danger("/home/eve/.ssh") == .hidden)
      #expect(danger(home) == .home)
      #expect(danger("/home/eve", ("/home/eve", home)) == nil)
      #expect(danger("/home/eve", ("/home/eve", "\(home)/")) == nil)
      #expect(danger("/home/eve/.ssh", ("/home/eve", home)) == .hidden)
      #expect(danger("/home/eve/.ssh", ("/home/eve/.ssh", "\(home)/.ssh")) == nil)
      #expect(danger("/home/eve/.dot/vim", ("/home/eve/.dot", "\(home)/.dot")) == nil)
      #expect(danger("/x/y", ("/x", root.string)) == nil)
      #expect(danger("/x/bob", ("/x", root.string)) == .home)
      #expect(danger("/p", learned: ("/p", home)) == nil)
      #expect(danger("/p/.ssh", learned: ("/p", home)) == .hidden)
    }
  }

  @Test(arguments: [
    (#"D:\src\shop"#, "/mnt/d/src/shop"), (#"\\nas\team\shop"#, "/nas/team/shop"), ("/a//b", "/a//b"),
  ])
  func aPathThatNoRuleCoversStaysInThisSystemsSpelling(path: String, expected: String) {
    let place = map().place(of: path)
    #expect(place.path == expected && place.rule == nil && place.danger == nil)
  }
}
