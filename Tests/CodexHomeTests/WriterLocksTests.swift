import CodexHome
import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WriterLocksTests {
  private func withLocks(_ body: (WriterLocks, FilePath) throws -> Void) throws {
    try withHome { root in
      let home = try CodexHome(root, sqliteHome: nil)
      try body(WriterLocks(home), home.writerLocks)
    }
  }

  private func file(_ number: Int, _ folder: FilePath) -> FilePath { folder.appending("\(id(number)).lock") }

  @Test func lookingCreatesNothing() throws {
    try withLocks { locks, folder in
      #expect(try !locks.isHeld(id(1)))
      #expect(try FileStamp.of(folder) == nil)
      try folder.put("\(id(1)).lock", "")
      #expect(try !locks.isHeld(id(1)))
      #expect(try Folder.names(in: folder) == ["\(id(1)).lock"])
    }
  }

  @Test func aLockOfAnotherProcessIsSeen() throws {
    try withLocks { locks, folder in
      try Folder.create(folder)
      let other = try FlockHolder(file(1, folder))
      #expect(try locks.isHeld(id(1)))
      #expect(try !locks.isHeld(id(2)))
      other.release()
      #expect(try !locks.isHeld(id(1)))
    }
  }

  @Test func locksThatAreHeldAreSeenAndTheirFilesRemovedOnRelease() throws {
    try withLocks { locks, folder in
      var held: HeldLocks?
      guard case .held(let taken) = try locks.acquire([id(2), id(1)]) else {
        Issue.record("busy")
        return
      }
      held = taken
      #expect(try Folder.names(in: folder) == [".coordination.lock", "\(id(1)).lock", "\(id(2)).lock"])
      #expect(try locks.isHeld(id(1)) && locks.isHeld(id(2)))
      _ = held
      held = nil
    }
  }

  @Test func releaseRemovesTheLockFiles() throws {
    try withLocks { locks, folder in
      func takeAndRelease() throws { _ = try locks.acquire([id(1)]) }
      try takeAndRelease()
      #expect(try Folder.names(in: folder) == [".coordination.lock"])
      try takeAndRelease()
    }
  }

  /// Letting go of the locks that were taken already needs the coordination lock again.
  @Test func aBusyThreadIsNamedAndNoLockIsKept() throws {
    try withLocks { locks, folder in
      try Folder.create(folder)
      let other = try FlockHolder(file(2, folder))
      for _ in 1...2 {
        guard case .busy(let thread) = try locks.acquire([id(3), id(2), id(1)]) else {
          Issue.record("not busy")
          return
        }
        #expect(thread == id(2))
        #expect(try Folder.names(in: folder) == [".coordination.lock", "\(id(2)).lock"])
      }
      other.release()
    }
  }

  @Test func aStaleLockFileIsTaken() throws {
    try withLocks { locks, folder in
      try folder.put("\(id(1)).lock", "")
      guard case .held = try locks.acquire([id(1)]) else {
        Issue.record("busy")
        return
      }
    }
  }

  @Test func lookingAndTakingWaitForTheCoordinationLock() throws {
    try withLocks { locks, folder in
      try folder.put("\(id(1)).lock", "")
      for look in [true, false] {
        let other = try FlockHolder(folder.appending(".coordination.lock"))
        let done = Flag()
        let thread = Thread {
          if look { _ = try? locks.isHeld(id(1)) } else { _ = try? locks.acquire([id(1)]) }
          done.raise()
        }
        thread.start()
        #expect(!done.wait(seconds: 0.3), "went on without the coordination lock")
        other.release()
        #expect(done.wait(seconds: 30))
      }
    }
  }
}

/// A flag that another thread raises.
private final class Flag: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func raise() { semaphore.signal() }

  func wait(seconds: Double) -> Bool { semaphore.wait(timeout: .now() + seconds) == .success }
}
