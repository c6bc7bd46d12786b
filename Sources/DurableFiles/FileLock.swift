import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A BSD `flock` on a file, held until the value ends or the process dies: never stale.
///
/// Codex takes the same kind (not `fcntl`, which would not conflict with it).
public struct FileLock: ~Copyable {
  /// The locked file.
  public let path: FilePath
  private let descriptor: CInt

  /// Takes the lock, creating its file if needed; nil where somebody else holds it.
  public static func acquire(
    _ path: FilePath, mode: AccessMode = .newFile
  ) throws(FileError) -> FileLock? {
    try attempt(path, flags: O_RDWR | O_CREAT, mode, lock: LOCK_EX | LOCK_NB)
  }

  /// Takes the lock, creating its file if needed, and waits for whoever holds it.
  public static func wait(_ path: FilePath) throws(FileError) -> FileLock {
    guard let lock = try attempt(path, flags: O_RDWR | O_CREAT, lock: LOCK_EX) else {
      throw FileError(.lock, path, .resourceBusy)
    }
    return lock
  }

  /// Takes the lock and waits for whoever holds it, creating nothing; nil where there is no such file.
  public static func waitIfPresent(_ path: FilePath) throws(FileError) -> FileLock? {
    do throws(FileError) {
      return try attempt(path, flags: O_RDONLY, lock: LOCK_EX)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// Says whether somebody holds the lock, creating nothing; false where there is no such file.
  ///
  /// Two that look at the same time do not see each other.
  public static func isHeld(_ path: FilePath) throws(FileError) -> Bool {
    do throws(FileError) {
      return try attempt(path, flags: O_RDONLY, lock: LOCK_SH | LOCK_NB) == nil
    } catch {
      if error.errno == .noSuchFileOrDirectory { return false }
      throw error
    }
  }

  /// Why the lock cannot be taken, whoever holds it; nil where it can.
  public static func obstacle(to path: FilePath) -> FileError? {
    guard let stamp = try? FileStamp.of(path), stamp.kind == .file else {
      return WriteAccess.obstacle(makingIn: path.removingLastComponent())
    }
    do throws(FileError) {
      close(try descriptor(of: path, O_RDONLY))
      return nil
    } catch {
      return error
    }
  }

  private static func attempt(
    _ path: FilePath, flags: CInt, _ mode: AccessMode = .newFile, lock: CInt
  ) throws(FileError) -> FileLock? {
    let opened = try descriptor(of: path, flags, mode)
    do throws(FileError) {
      try check(.lock, path) { flock(opened, lock) }
    } catch {
      close(opened)
      if error.errno == .wouldBlock { return nil }
      throw error
    }
    return FileLock(path: path, descriptor: opened)
  }

  /// A file that another user left (`sudo codex`) may be readable only, which is enough for a lock.
  private static func descriptor(
    of path: FilePath, _ flags: CInt, _ mode: AccessMode = .newFile
  ) throws(FileError) -> CInt {
    let flags = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    do throws(FileError) {
      return try check(.lock, path) { path.withPlatformString { open($0, flags, mode.mode) } }
    } catch {
      guard error.isRefusal, flags & O_ACCMODE != O_RDONLY else { throw error }
      let reading = flags & ~(O_ACCMODE | O_CREAT)
      guard let opened = try? check(.lock, path, { path.withPlatformString { open($0, reading) } }) else {
        throw error
      }
      return opened
    }
  }

  private init(path: FilePath, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
