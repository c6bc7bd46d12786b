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
  /// Something in a folder.
  public struct Entry: Sendable, Hashable {
    /// Its name, which need not be UTF-8.
    public let name: [UInt8]
    /// Its path.
    public let path: FilePath
    /// What it is, as far as the listing itself tells; nil on file systems that do not say.
    public let kind: FileStamp.Kind?
    /// The name as text; bytes that are no UTF-8 are replaced.
    public var text: String { String(decoding: name, as: UTF8.self) }
  }

  /// The names in a folder, sorted; empty where the folder does not exist.
  ///
  /// Bytes of a name that are no UTF-8 are replaced: such a name leads nowhere.
  public static func names(in path: FilePath) throws(FileError) -> [String] {
    try entries(in: path).map(\.text).sorted()
  }

  /// What is in a folder, sorted by the bytes of the names; nothing where the folder does not exist.
  public static func entries(in path: FilePath) throws(FileError) -> [Entry] {
    guard let stream = path.withPlatformString({ opendir($0) }) else {
      if errno == ENOENT { return [] }
      throw FileError(.list, path, Errno(rawValue: errno))
    }
    defer { closedir(stream) }
    var entries: [Entry] = []
    while true {
      // The end and an error look alike but for `errno`.
      errno = 0
      guard let entry = readdir(stream) else { break }
      let kind = kind(Int(entry.pointee.d_type))
      let found = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          FilePath.Component(platformString: name).map {
            Entry(
              name: (0..<strlen(name)).map { UInt8(bitPattern: name[$0]) }, path: path.appending($0),
              kind: kind)
          }
        }
      }
      if let found, found.name != [0x2E], found.name != [0x2E, 0x2E] { entries.append(found) }
    }
    if errno != 0 { throw FileError(.list, path, Errno(rawValue: errno)) }
    return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private static func kind(_ type: Int) -> FileStamp.Kind? {
    switch type {
    case Int(DT_REG): .file
    case Int(DT_DIR): .folder
    case Int(DT_LNK): .symbolicLink
    case Int(DT_UNKNOWN): nil
    default: .other
    }
  }

  /// The folders in a folder, sorted by name, links left out; none where the folder does not exist.
  public static func folders(in path: FilePath) throws(FileError) -> [String] {
    var found: [String] = []
    for entry in try entries(in: path) {
      // Most file systems say what an entry is; asking for each of thousands would take longer than listing them.
      let isFolder =
        if let kind = entry.kind { kind == .folder } else { try FileStamp.of(entry.path)?.kind == .folder }
      if isFolder { found.append(entry.text) }
    }
    return found
  }

  /// The stamps of a file in each of some folders of a folder; nil where there is no such file.
  ///
  /// One call of the system a folder, and none by a long path: there may be thousands.
  public static func stamps(
    of file: String, inFolders names: [String], of path: FilePath
  ) throws(FileError) -> [FileStamp?] {
    if names.isEmpty { return [] }
    let root = try check(.open, path) {
      path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }
    defer { close(root) }
    var stamps: [FileStamp?] = []
    for name in names {
      var info = stat()
      if fstatat(root, "\(name)/\(file)", &info, AT_SYMLINK_NOFOLLOW) == 0 {
        stamps.append(FileStamp(info))
      } else if errno == ENOENT {
        stamps.append(nil)
      } else {
        throw FileError(.stat, path.appending(name), Errno(rawValue: errno))
      }
    }
    return stamps
  }

  /// Creates a folder and those above it that are missing, each made durable; answers which were made,
  /// outermost first.
  ///
  /// - Parameter mode: that of the folder itself, less the umask.
  @discardableResult
  public static func create(_ path: FilePath, mode: AccessMode = .folder) throws(FileError) -> [FilePath] {
    if let stamp = try FileStamp.ofTarget(path) {
      guard stamp.kind == .folder else { throw FileError(.makeFolder, path, .notDirectory) }
      return []
    }
    let parent = path.removingLastComponent()
    var made = parent == path ? [] : try create(parent, mode: mode)
    do throws(FileError) {
      try check(.makeFolder, path) { path.withPlatformString { mkdir($0, mode.mode) } }
    } catch {
      if error.errno == .fileExists { return made }
      throw error
    }
    try sync(parent)
    made.append(path)
    return made
  }

  /// Creates a folder of this program's own, with those above it that are missing; one that is there is closed to others.
  public static func createPrivate(_ path: FilePath) throws(FileError) {
    if try create(path, mode: .privateFolder).isEmpty { AccessMode.privateFolder.set(path) }
  }

  /// Creates one folder below another, no component between them a symbolic link.
  ///
  /// Each is entered by its name in the one that is open already, so that nobody who exchanges one for a link
  /// meanwhile leads the rest elsewhere. Throws what the system says of a link: `.tooManySymbolicLinkLevels`, or
  /// `.notDirectory`, with the link's path.
  public static func create(_ path: FilePath, below top: FilePath) throws(FileError) {
    var rest = path
    guard rest.removePrefix(top), !rest.isEmpty else { throw FileError(.makeFolder, path, .invalidArgument) }
    var at = top
    var folder = try check(.open, top) {
      top.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }
    defer { close(folder) }
    for component in rest.components {
      at.append(component)
      let name = FilePath(root: nil, [component])
      let isLast = at.components.count == path.components.count
      if isLast {
        do throws(FileError) {
          try check(.makeFolder, at) { name.withPlatformString { mkdirat(folder, $0, 0o777) } }
          try check(.sync, at) { fsync(folder) }
        } catch {
          guard error.errno == .fileExists else { throw error }
        }
      }
      let next = try check(.makeFolder, at) {
        name.withPlatformString { openat(folder, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
      }
      close(folder)
      folder = next
    }
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

  /// Moves a folder to a path of the same file system that must be free, or an empty folder; `.fileExists` where it is
  /// neither.
  public static func move(_ path: FilePath, to target: FilePath) throws(FileError) {
    do throws(FileError) {
      try check(.rename, target) {
        path.withPlatformString { from in target.withPlatformString { to in rename(from, to) } }
      }
    } catch {
      guard error.errno == .directoryNotEmpty || error.errno == .notDirectory else { throw error }
      throw FileError(.rename, target, .fileExists)
    }
    try sync(target.removingLastComponent())
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

  /// Makes the folder's entries durable, where the folder can be opened and its file system flushes folders.
  ///
  /// A folder that may be written and not read (0300) cannot be opened for that.
  public static func sync(_ path: FilePath) throws(FileError) {
    let descriptor: CInt
    do throws(FileError) {
      descriptor = try check(.open, path) {
        path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      }
    } catch {
      if error.errno == .permissionDenied || error.errno == .notPermitted { return }
      throw error
    }
    defer { close(descriptor) }
    try flush(descriptor, of: path)
  }
}
