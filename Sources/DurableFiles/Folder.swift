import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lists, creates, removes and flushes folders.
public enum Folder {
  /// The names in a folder, sorted; empty where the folder does not exist.
  public static func names(in path: FilePath) throws(FileError) -> [String] {
    guard let stream = path.withPlatformString({ opendir($0) }) else {
      if errno == ENOENT { return [] }
      throw FileError(.list, path, Errno(rawValue: errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      // The end and an error look alike but for `errno`.
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    if errno != 0 { throw FileError(.list, path, Errno(rawValue: errno)) }
    return names.sorted()
  }

  /// Creates a folder and those above it that are missing, each made durable; answers which were made,
  /// outermost first.
  @discardableResult
  public static func create(_ path: FilePath) throws(FileError) -> [FilePath] {
    if let stamp = try FileStamp.ofTarget(path) {
      guard stamp.kind == .folder else { throw FileError(.makeFolder, path, .notDirectory) }
      return []
    }
    let parent = path.removingLastComponent()
    var made = parent == path ? [] : try create(parent)
    do throws(FileError) {
      try check(.makeFolder, path) { path.withPlatformString { mkdir($0, 0o777) } }
    } catch {
      if error.errno == .fileExists { return made }
      throw error
    }
    try sync(parent)
    made.append(path)
    return made
  }

  /// Removes an empty folder; false where it is gone already or not empty.
  @discardableResult
  public static func removeIfEmpty(_ path: FilePath) throws(FileError) -> Bool {
    do throws(FileError) {
      try check(.remove, path) { path.withPlatformString { rmdir($0) } }
    } catch {
      if [.noSuchFileOrDirectory, .directoryNotEmpty, .fileExists].contains(error.errno) { return false }
      throw error
    }
    try sync(path.removingLastComponent())
    return true
  }

  /// Removes a folder and all below it, following no symbolic link.
  public static func removeTree(_ path: FilePath) throws(FileError) {
    guard let stamp = try FileStamp.of(path) else { return }
    guard stamp.kind == .folder else { return try DurableFile.remove(path) }
    for name in try names(in: path) { try removeTree(path.appending(name)) }
    try check(.remove, path) { path.withPlatformString { rmdir($0) } }
  }

  /// Makes the entries of some folders durable.
  public static func sync(_ folders: Set<FilePath>) throws(FileError) {
    for folder in folders { try sync(folder) }
  }

  /// Makes the folder's entries durable.
  public static func sync(_ path: FilePath) throws(FileError) {
    let descriptor = try check(.open, path) {
      path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }
    defer { close(descriptor) }
    try check(.sync, path) { fsync(descriptor) }
  }
}
