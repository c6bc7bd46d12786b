import SyncTestSupport
import SystemPackage
import Testing

@testable import DurableFiles

struct ResolvedPathTests {
  @Test func theParentOfALinkIsThatOfWhatItLeadsTo() throws {
    try withTemporaryFolder { folder in
      _ = try folder.made("far").made("deep")
      try symlink(folder.appending("link"), to: folder.pushing("far/deep").string)
      #expect(folder.pushing("link/../pk").withoutParents.lastComponent == "pk")
      #expect(folder.pushing("link/../pk").withoutParents.removingLastComponent().lastComponent == "far")
      #expect(folder.pushing("far/../link/./x").withoutParents == folder.pushing("link/x"))
      #expect(FilePath("/../a").withoutParents == "/a")
    }
  }

  @Test func aPlaceIsInsideAFolderUnderAnyName() throws {
    try withTemporaryFolder { folder in
      let sessions = try folder.made("sessions")
      try symlink(folder.appending("link"), to: sessions.string)
      #expect(sessions.isInside([sessions]))
      #expect(folder.pushing("link/new/package").isInside([sessions]))
      #expect(!folder.pushing("other/package").isInside([sessions]))
      #expect(!sessions.isInside([folder.appending("missing")]))
    }
  }
}
