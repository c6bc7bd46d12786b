import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct PathWalkTests {
  @Test func aPathIsWhatIsThereNotHowItIsWritten() throws {
    try withTemporaryFolder { folder in
      let end = try folder.made("a").made("b")
      try symlink(folder.appending("link"), to: "a/./b")
      try symlink(folder.appending("absolute"), to: "\(folder)/link/../b")
      let wanted = PathWalk(end).end
      for path in ["a//b/", "./a/b", "link", "absolute", "a/c/../b", "link/../../a/b"] {
        #expect(PathWalk(FilePath("\(folder)/\(path)")).end.isSame(as: wanted), "\(path)")
      }
      #expect(!PathWalk(folder).end.isSame(as: wanted))
    }
  }

  @Test func whatIsNotThereHasAPath() throws {
    try withTemporaryFolder { folder in
      try symlink(folder.appending("dangling"), to: "nothing/here")
      let end = PathWalk(folder.pushing("dangling/below")).end
      #expect(end.identity == nil)
      #expect(end.isSame(as: PathWalk(folder.pushing("nothing/here/below")).end))
    }
  }

  @Test func aLinkToItselfEnds() throws {
    try withTemporaryFolder { folder in
      try symlink(folder.appending("loop"), to: "loop")
      #expect(!PathWalk(folder.appending("loop")).steps.isEmpty)
    }
  }
}
