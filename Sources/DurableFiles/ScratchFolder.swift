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
  ///   - id: tells it from all others: 36 characters of a UUID.
  ///   - isHidden: whether its name begins with a dot, which keeps it out of sight where people look.
  public convenience init(in parent: FilePath, id: String, isHidden: Bool = false) throws(FileError) {
    Self.sweep(parent)
    let path = parent.appending((isHidden ? "." : "") + Self.prefix + id)
    try check(.makeFolder, path) { path.withPlatformString { mkdir($0, 0o700) } }
    try self.init(locking: path)
  }

  private init(locking path: FilePath) throws(FileError) {
    self.path = path
    descriptor = try check(.open, path) {
      path.withPlatformString { open($0, Self.flags) }
    }
    // Where folders cannot be locked (some network file systems), nobody can take this one for a dead run's either.
    if flock(descriptor, LOCK_EX | LOCK_NB) == -1, errno == EWOULDBLOCK {
      throw FileError(.lock, path, .wouldBlock)
    }
    // A run that swept between the two calls took it for a dead one's.
    guard try FileStamp.of(path)?.inode == Self.inode(descriptor) else {
      throw FileError(.lock, path, .noSuchFileOrDirectory)
    }
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
