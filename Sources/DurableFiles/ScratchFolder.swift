import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder for what is thrown away, for its owner only, locked while its run lives.
///
/// A lock (`flock`) ends with the process, however that ends: by it the next run knows what the dead ones left, after a
/// `kill -9` and a power loss too, and removes it.
public final class ScratchFolder: Sendable {
  /// The folder.
  public let path: FilePath
  private let descriptor: CInt

  /// Makes a folder in another one, which must exist, and removes there what runs left that are dead.
  ///
  /// - Parameters:
  ///   - parent: where; others may be able to write there.
  ///   - id: tells it from all others: 36 characters of a UUID, another one each time it is asked for.
  ///   - isHidden: whether its name begins with a dot, which keeps it out of sight where people look.
  public init(
    in parent: FilePath, id: @autoclosure () -> String, isHidden: Bool = false
  ) throws(FileError) {
    Self.sweep(parent)
    var attempts = 0
    while true {
      let path = parent.appending((isHidden ? "." : "") + Self.prefix + id())
      try check(.makeFolder, path) { path.withPlatformString { mkdir($0, 0o700) } }
      if let descriptor = try Self.locked(path) {
        self.path = path
        self.descriptor = descriptor
        return
      }
      attempts += 1
      if attempts == 1000 { throw FileError(.lock, path, .wouldBlock) }
    }
  }

  /// Locks a folder that was just made; nil where a run that swept since took it for a dead one's.
  ///
  /// Such a one is left to it: under its name nothing is made again, which that run, or one behind it, would remove.
  private static func locked(_ path: FilePath) throws(FileError) -> CInt? {
    let descriptor: CInt
    do throws(FileError) {
      descriptor = try check(.open, path) { path.withPlatformString { open($0, flags) } }
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
    // Where folders cannot be locked (some network file systems), nobody can take this one for a dead run's either.
    let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK
    if !isTaken, ((try? FileStamp.of(path)) ?? nil)?.inode == inode(descriptor) { return descriptor }
    close(descriptor)
    return nil
  }

  deinit { close(descriptor) }

  /// Removes the folder and all that is in it, as far as that can be; also while somebody still writes into it.
  public func remove() {
    let parent = path.removingLastComponent()
    let folder = parent.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard folder != -1 else { return }
    defer { close(folder) }
    Self.remove(Array((path.lastComponent?.string ?? "").utf8CString), in: folder, descriptor)
  }

  /// Removes what dead runs left in a folder.
  ///
  /// Failing at it is no failure of the run.
  public static func sweep(_ parent: FilePath) {
    let folder = parent.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard folder != -1 else { return }
    defer { close(folder) }
    for name in names(in: folder) where isName(text(name)) {
      // Whoever else can write here could put anything under such a name: a link is not followed, and what is another
      // user's is let be.
      let found = openat(folder, name, flags)
      guard found != -1 else { continue }
      defer { close(found) }
      guard owner(found) == geteuid(), flock(found, LOCK_EX | LOCK_NB) == 0 else { continue }
      remove(name, in: folder, found)
    }
  }

  private static let prefix = "codex-session-sync-"
  private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

  private static func isName(_ name: String) -> Bool {
    let visible = name.hasPrefix(".") ? name.dropFirst() : name[...]
    guard visible.hasPrefix(prefix) else { return false }
    let id = visible.dropFirst(prefix.count)
    return id.utf8.count == 36 && id.allSatisfy { $0.isHexDigit || $0 == "-" }
  }

  /// Removes an open folder of a parent; each step goes by the open folder, never by a path that somebody might bend.
  private static func remove(_ name: [CChar], in parent: CInt, _ folder: CInt) {
    // Who still writes there can do so only until the folder itself is gone.
    for _ in 0..<1000 {
      empty(folder)
      if unlinkat(parent, name, AT_REMOVEDIR) == 0 { return }
      guard errno == ENOTEMPTY || errno == EEXIST else { return }
    }
  }

  private static func empty(_ folder: CInt) {
    for name in names(in: folder) where unlinkat(folder, name, 0) == -1 {
      let below = openat(folder, name, flags)
      guard below != -1 else { continue }
      defer { close(below) }
      empty(below)
      _ = unlinkat(folder, name, AT_REMOVEDIR)
    }
  }

  /// The names in an open folder, read anew; as bytes, which may be no text.
  private static func names(in folder: CInt) -> [[CChar]] {
    let again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard again != -1 else { return [] }
    guard let stream = fdopendir(again) else {
      close(again)
      return []
    }
    defer { closedir(stream) }
    let folders = [".", ".."].map { Array($0.utf8CString) }
    var names: [[CChar]] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      if !folders.contains(name) { names.append(name) }
    }
    return names
  }

  private static func text(_ name: [CChar]) -> String {
    String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func owner(_ folder: CInt) -> uid_t? {
    var info = stat()
    return fstat(folder, &info) == 0 ? info.st_uid : nil
  }

  private static func inode(_ folder: CInt) -> UInt64? {
    var info = stat()
    return fstat(folder, &info) == 0 ? UInt64(info.st_ino) : nil
  }
}
