import SyncTestSupport
import SystemPackage
import Testing

@testable import DurableFiles

struct WriteAccessTests {
  @Test func nothingStandsInTheWayOfWhatIsOnesOwn() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("file", "text")
      #expect(WriteAccess.obstacle(appendingTo: file) == nil)
      #expect(WriteAccess.obstacle(removing: file) == nil)
      #expect(WriteAccess.obstacle(changing: file) == nil)
      #expect(WriteAccess.obstacle(changing: folder.appending("missing.sqlite")) == nil)
      #expect(WriteAccess.obstacle(makingIn: folder.pushing("not/yet/there")) == nil)
    }
  }

  @Test func aFileWhereAFolderIsToBeIsNamed() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("2026", "no folder")
      let obstacle = WriteAccess.obstacle(makingIn: file.pushing("11/30"))
      #expect(obstacle == FileError(.makeFolder, file, .notDirectory))
    }
  }
}
