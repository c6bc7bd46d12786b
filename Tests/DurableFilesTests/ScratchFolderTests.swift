import Dispatch
import DurableFiles
import Foundation
import SyncTestSupport
import Synchronization
import SystemPackage
import Testing

struct ScratchFolderTests {
  private static let id = "019A0000-0000-7000-8000-000000000001"
  private static let other = "019a0000-0000-7000-8000-000000000002"
  private static let dead = "codex-session-sync-019a0000-0000-7000-8000-00000000dead"

  @Test func aFolderIsForItsOwnerOnlyAndIsRemovedWithAllThatIsInIt() throws {
    try withTemporaryFolder { folder in
      let scratch = try ScratchFolder(in: folder, id: Self.id)
      #expect(scratch.path == folder.appending("codex-session-sync-\(Self.id)"))
      #expect(try mode(scratch.path) == 0o700)
      try scratch.path.put("a/b/c.txt", "text")
      try symlink(scratch.path.appending("link"), to: "/")
      try chmod(try scratch.path.put("read only", ""), 0o400)
      scratch.remove()
      #expect(try Folder.names(in: folder).isEmpty)
      scratch.remove()
    }
  }

  @Test(arguments: ["", "."])
  func whatADeadRunLeftIsRemovedByTheNext(_ dot: String) throws {
    try withTemporaryFolder { folder in
      try folder.put("\(dot)\(Self.dead)/package/0", "a transcript")
      let scratch = try ScratchFolder(in: folder, id: Self.id, isHidden: true)
      #expect(try Folder.names(in: folder) == [".codex-session-sync-\(Self.id)"])
      _ = scratch
    }
  }

  @Test func whatALivingRunUsesStays() throws {
    try withTemporaryFolder { folder in
      let living = try ScratchFolder(in: folder, id: Self.id)
      try living.path.put("package/0", "a transcript")
      _ = try ScratchFolder(in: folder, id: Self.other)
      #expect(try living.path.pushing("package/0").text() == "a transcript")
      _ = living
    }
  }

  /// Between making a folder and locking it, another run took it for a dead one's, and this one had none.
  @Test func runsThatBeginAtTheSameTimeEachGetAFolder() throws {
    try withTemporaryFolder { (folder) throws in
      let failures = Mutex<[FileError]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<100 {
          do throws(FileError) {
            let scratch = try ScratchFolder(in: folder, id: UUID().uuidString)
            guard try FileStamp.of(scratch.path)?.kind == .folder else {
              throw FileError(.stat, scratch.path, .noSuchFileOrDirectory)
            }
            scratch.remove()
          } catch {
            failures.withLock { $0.append(error) }
          }
        }
      }
      #expect(failures.withLock { $0 } == [])
      #expect(try Folder.names(in: folder) == [])
    }
  }

  @Test func aRunThatEndedWithoutRemovingCountsAsDead() throws {
    try withTemporaryFolder { folder in
      do { _ = try ScratchFolder(in: folder, id: Self.id) }
      _ = try ScratchFolder(in: folder, id: Self.other)
      #expect(try Folder.names(in: folder) == ["codex-session-sync-\(Self.other)"])
    }
  }

  @Test(arguments: [
    "codex-session-sync", "codex-session-sync-", "codex-session-sync-notes", "codex-session-sync-test-1",
    "my-\(dead)", "..\(dead)", "\(dead)0", "codex-session-sync-019a0000-0000-7000-8000-00000000dea/",
    "codex-session-sync-zzzzzzzz-0000-7000-8000-00000000dead",
  ])
  func whatIsCalledOtherwiseStays(_ name: String) throws {
    try withTemporaryFolder { folder in
      try folder.put("\(name)/kept", "kept")
      _ = try ScratchFolder(in: folder, id: Self.id)
      #expect(try folder.pushing(FilePath("\(name)/kept")).text() == "kept")
    }
  }

  @Test func aLinkUnderItsNameIsNotFollowed() throws {
    try withTemporaryFolder { folder in
      let precious = try folder.put("precious/file", "kept").removingLastComponent()
      try symlink(folder.appending(Self.dead), to: precious.string)
      try folder.put(".\(Self.dead)", "a file")
      _ = try ScratchFolder(in: folder, id: Self.id)
      #expect(try precious.appending("file").text() == "kept")
      #expect(try FileStamp.of(folder.appending(Self.dead))?.kind == .symbolicLink)
      #expect(try folder.appending(".\(Self.dead)").text() == "a file")
    }
  }

  @Test func aLinkInWhatADeadRunLeftIsNotFollowed() throws {
    try withTemporaryFolder { folder in
      let precious = try folder.put("precious/file", "kept").removingLastComponent()
      let dead = try folder.made(Self.dead)
      try symlink(dead.appending("link"), to: precious.string)
      try symlink(dead.appending("up"), to: "..")
      try fifo(dead.appending("fifo"))
      _ = try ScratchFolder(in: folder, id: Self.id)
      #expect(try precious.appending("file").text() == "kept")
      #expect(try FileStamp.of(dead) == nil)
    }
  }

  @Test func aFolderOfAnotherUserStays() throws {
    try withTemporaryFolder { folder in
      let dead = try folder.put("\(Self.dead)/file", "kept").removingLastComponent()
      // Only root can give a folder away.
      guard (try? chown(dead, 1)) != nil else { return }
      _ = try ScratchFolder(in: folder, id: Self.id)
      #expect(try dead.appending("file").text() == "kept")
    }
  }

  @Test func anIdThatIsTakenIsNotUsed() throws {
    try withTemporaryFolder { folder in
      let first = try ScratchFolder(in: folder, id: Self.id)
      #expect(throws: FileError.self) { try ScratchFolder(in: folder, id: Self.id) }
      _ = first
    }
  }

  @Test func aFolderThatCannotBeWrittenIsSaid() throws {
    try withTemporaryFolder { folder in
      _ = #expect(throws: FileError.self) { try ScratchFolder(in: folder.appending("missing"), id: Self.id) }
    }
  }
}
