import DurableFiles
import Rollout
import SystemPackage

/// Codex's own protocol for who writes a thread, from 0.147.0 on.
///
/// `flock` on `thread-writer-locks/<thread>.lock`, taken and released under `.coordination.lock`. Codex removes
/// lock files under that lock too, so going without it could end with a lock on a removed file.
public struct WriterLocks: Sendable {
  private let folder: FilePath
  private let processes: FilePath

  /// Names the home's lock folder; it need not exist.
  public init(_ home: CodexHome) {
    folder = home.writerLocks
    processes = home.processes
  }

  /// The process that has a thread loaded, as far as that can be seen.
  public func holder(of thread: ThreadID) -> RunningCodex.Process? {
    RunningCodex.holders(of: file(thread), processes: processes).first
  }

  /// Whether a thread is loaded by some Codex, without creating anything.
  public func isHeld(_ thread: ThreadID) throws(CodexHomeError) -> Bool {
    try withFiles { () throws(FileError) in
      let path = file(thread)
      guard try FileStamp.of(path) != nil else { return false }
      // Looking takes the lock for a moment: a Codex that wanted it just then would be turned away.
      let coordination = try FileLock.waitIfPresent(coordinationFile)
      defer { withExtendedLifetime(coordination) {} }
      return try FileLock.isHeld(path)
    }
  }

  /// Takes the locks of all threads, or of none; answers the thread that is held by somebody else.
  public func acquire(_ threads: [ThreadID]) throws(CodexHomeError) -> Acquisition {
    try withFiles { () throws(FileError) in
      try Folder.create(folder)
      let held = HeldLocks(folder: folder)
      if let busy = try take(threads, held) { return .busy(busy) }
      return .held(held)
    }
  }

  /// Takes the locks one by one, up to one that is held by somebody else.
  ///
  /// The coordination lock ends with this function: letting go of the locks, perhaps at once, takes it again.
  private func take(_ threads: [ThreadID], _ held: HeldLocks) throws(FileError) -> ThreadID? {
    let coordination = try FileLock.wait(coordinationFile)
    defer { _ = coordination.path }
    for thread in threads.sorted() {
      guard try held.take(thread, file(thread)) else { return thread }
    }
    return nil
  }

  /// Why the lock of a thread cannot be taken by this user; nil where it can.
  public func obstacle(to thread: ThreadID) -> FileError? {
    for path in [coordinationFile, file(thread)] {
      if let obstacle = FileLock.obstacle(to: path) { return obstacle }
    }
    return nil
  }

  /// What became of an attempt to take locks.
  public enum Acquisition {
    case held(HeldLocks)
    case busy(ThreadID)
  }

  private var coordinationFile: FilePath { folder.appending(".coordination.lock") }

  private func file(_ thread: ThreadID) -> FilePath { folder.appending("\(thread).lock") }
}

/// Locks that are held; released, and their files removed, when the value ends.
public final class HeldLocks {
  private let folder: FilePath
  private var locks: [ThreadID: LockBox] = [:]

  private final class LockBox {
    let lock: FileLock
    init(_ lock: consuming FileLock) { self.lock = lock }
  }

  init(folder: FilePath) { self.folder = folder }

  func take(_ thread: ThreadID, _ path: FilePath) throws(FileError) -> Bool {
    guard let lock = try FileLock.acquire(path) else { return false }
    locks[thread] = LockBox(lock)
    return true
  }

  deinit {
    // A lock file that could not be removed does no harm: Codex removes stale ones itself.
    guard let coordination = try? FileLock.wait(folder.appending(".coordination.lock")) else { return }
    try? DurableFile.remove(locks.keys.map { folder.appending("\($0).lock") })
    locks = [:]
    _ = coordination.path
  }
}
