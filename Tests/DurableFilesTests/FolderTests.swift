import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct FolderTests {
  @Test func createsWhatIsMissingAndSaysWhat() throws {
    try withTemporaryFolder { folder in
      try Folder.create(folder.appending("a"))
      #expect(try Folder.create(folder.pushing("a/b/c")) == [folder.pushing("a/b"), folder.pushing("a/b/c")])
      #expect(try Folder.create(folder.pushing("a/b/c")).isEmpty)
    }
  }

  @Test func createsNothingOverAFile() throws {
    try withTemporaryFolder { folder in
      try folder.put("f", "x")
      #expect(refusal { () throws(FileError) in try Folder.create(folder.appending("f")) } == .notDirectory)
      #expect(refusal { () throws(FileError) in try Folder.create(folder.pushing("f/a")) } == .notDirectory)
    }
  }

  @Test func listsNamesInOrder() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "a", ".c", "ü"] { try folder.put(name, "") }
      #expect(try Folder.names(in: folder) == [".c", "a", "b", "ü"])
      #expect(try Folder.names(in: folder.appending("none")).isEmpty)
      #expect(
        refusal { () throws(FileError) in _ = try Folder.names(in: folder.appending("a")) } == .notDirectory)
    }
  }

  @Test func removesEmptyFoldersOnly() throws {
    try withTemporaryFolder { folder in
      try folder.put("full/f", "x")
      try Folder.create(folder.appending("empty"))
      #expect(try Folder.removeIfEmpty(folder.appending("empty")))
      #expect(try !Folder.removeIfEmpty(folder.appending("empty")))
      #expect(try !Folder.removeIfEmpty(folder.appending("full")))
      #expect(try folder.pushing("full/f").text() == "x")
    }
  }

  @Test func removesATreeAndFollowsNoLinkOutOfIt() throws {
    try withTemporaryFolder { folder in
      try folder.put("outside/kept", "x")
      try folder.put("tree/a/b", "x")
      try symlink(folder.pushing("tree/link"), to: "../outside")
      try symlink(folder.pushing("tree/dangling"), to: "none")
      try fifo(folder.pushing("tree/a/fifo"))
      try Folder.removeTree(folder.appending("tree"))
      #expect(try Folder.names(in: folder) == ["outside"])
      #expect(try folder.pushing("outside/kept").text() == "x")
      try Folder.removeTree(folder.appending("tree"))
    }
  }

  @Test func nothingIsMadeBehindALink() throws {
    try withTemporaryFolder { folder in
      let home = try folder.made("home")
      let elsewhere = try folder.made("elsewhere")
      try symlink(home.appending("link"), to: elsewhere.string)
      let refused = refusal { () throws(FileError) in
        try Folder.create(home.pushing("link/new"), below: home)
      }
      #expect(refused == .notDirectory || refused == .tooManySymbolicLinkLevels)
      #expect(
        refusal { () throws(FileError) in try Folder.create(home.appending("link"), below: home) } != nil)
      #expect(try Folder.names(in: elsewhere).isEmpty)
      try Folder.create(home.appending("a"), below: home)
      try Folder.create(home.pushing("a/b"), below: home)
      try Folder.create(home.pushing("a/b"), below: home)
      #expect(try FileStamp.of(home.pushing("a/b"))?.kind == .folder)
      // The home itself may be reached by one.
      try symlink(folder.appending("other"), to: home.string)
      try Folder.create(folder.pushing("other/c"), below: folder.appending("other"))
      #expect(try FileStamp.of(home.appending("c"))?.kind == .folder)
    }
  }

  @Test func aNameThatIsNoTextIsKeptByItsBytes() throws {
    try withTemporaryFolder { folder in
      let name: [CChar] = [CChar(bitPattern: 0xC4), CChar(bitPattern: 0xE3), 0]
      let file = folder.appending(try #require(FilePath.Component(platformString: name)))
      var writer = try FileWriter(creating: file)
      try writer.finish()
      let entries = try Folder.entries(in: folder)
      #expect(entries.map(\.name) == [[0xC4, 0xE3]])
      #expect(try FileStamp.of(try #require(entries.first).path)?.kind == .file)
    }
  }
}
