import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct VolumeTests {
  @Test func whatIsNotThereYetHasTheRoomOfTheFolderAbove() throws {
    try withTemporaryFolder { folder in
      let free = try Volume.freeBytes(at: folder.pushing("not/yet"))
      #expect(free > 0)
    }
  }

  #if os(Linux)
    @Test func aFileSystemWithoutRoomHasNone() throws {
      #expect(try Volume.freeBytes(at: "/proc/self") == 0)
    }
  #endif
}
