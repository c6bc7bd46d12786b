import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The only ways in which this program writes files.
///
/// Each returns when the effect is on disk.
public enum DurableFile {
  /// Puts `bytes` at `path`, replacing what is there in one step: temporary file beside it, write, fsync,
  /// rename, fsync of the folder.
  ///
  /// The mode of a file that was there stays; `mode`, less the umask, is that of a new one.
  public static func replace(
    _ path: FilePath, with bytes: [UInt8], mode: AccessMode = .privateFile
  ) throws(FileError) {
    let temporary = temporary(for: path)
    try? remove(temporary)
    do throws(FileError) {
      var writer = try FileWriter(creating: temporary, mode: mode)
      if try FileStamp.of(path)?.kind == .file, let old = AccessMode.of(path) { writer.setMode(old) }
      try writer.write(bytes)
      try writer.finish()
      try check(.rename, path) {
        temporary.withPlatformString { from in path.withPlatformString { to in rename(from, to) } }
      }
    } catch {
      try? remove(temporary)
      throw error
    }
    try Folder.sync(path.removingLastComponent())
  }

  /// Moves a file to a path that must be free; `.fileExists` where it is not.
  ///
  /// Between file systems the content is copied beside the target first. A crash may leave two names of one file.
  public static func move(_ path: FilePath, to target: FilePath) throws(FileError) {
    try moveUnflushed(path, to: target)
    try Folder.sync(target.removingLastComponent())
    if path.removingLastComponent() != target.removingLastComponent() {
      try Folder.sync(path.removingLastComponent())
    }
  }

  /// Moves a file like `move`, but for flushing the two folders: many files that go the same way need that once.
  public static func moveUnflushed(_ path: FilePath, to target: FilePath) throws(FileError) {
    do throws(FileError) {
      try renameExclusively(path, target)
    } catch {
      guard error.errno == .improperLink else { throw error }
      try copyAcross(path, target)
    }
  }

  /// Where a file is prepared that is to replace, or to be put at, `path`; a crash may leave it behind.
  public static func temporary(for path: FilePath) -> FilePath {
    path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "file").new")
  }

  /// Removes a file; nothing happens where it is gone already.
  public static func remove(_ path: FilePath) throws(FileError) { try remove([path]) }

  /// Removes files; nothing happens where one is gone already.
  public static func remove(_ paths: [FilePath]) throws(FileError) {
    var folders: Set<FilePath> = []
    for path in paths {
      do throws(FileError) {
        try check(.remove, path) { path.withPlatformString { unlink($0) } }
        folders.insert(path.removingLastComponent())
      } catch {
        guard error.errno == .noSuchFileOrDirectory else { throw error }
      }
    }
    try Folder.sync(folders)
  }

  /// Appends the content of `source` to a file whose length must be `length` still.
  ///
  /// The file keeps its inode and every byte before `length`. When a step fails, it is cut back.
  public static func append(
    contentsOf source: FilePath, to path: FilePath, at length: Int64, modified: FileTime? = nil
  ) throws(FileError) {
    let content = try OpenFile(reading: source)
    let file = try OpenFile(writing: path)
    let before = try file.stamp()
    guard before.size == length else { throw FileError(.write, path, .resourceBusy) }
    do throws(FileError) {
      try content.forEachChunk { chunk throws(FileError) in try file.write(chunk[...]) }
      if let modified { file.setModified(modified) }
      try file.sync()
    } catch {
      try? file.truncate(to: length)
      file.setModified(before.modified)
      throw error
    }
  }

  /// Cuts a file back to `length` bytes, which must not be more than it has.
  public static func cut(_ path: FilePath, to length: Int64, modified: FileTime? = nil) throws(FileError) {
    let file = try OpenFile(writing: path)
    guard try file.stamp().size >= length else { throw FileError(.truncate, path, .resourceBusy) }
    try file.truncate(to: length)
    if let modified { file.setModified(modified) }
    try file.sync()
  }

  /// Gives a file a modification time, where that can be.
  public static func setModified(_ path: FilePath, _ time: FileTime) {
    if let file = try? OpenFile(writing: path) { file.setModified(time) }
  }

  /// Appends one line to a file of lines, which is created where it is missing.
  ///
  /// A last line that a crash left without its newline is closed first, so that it spoils nothing.
  ///
  /// A link is followed.
  public static func appendLine(_ line: [UInt8], to path: FilePath) throws(FileError) {
    let path = SymbolicLink.followed(path)
    if try FileStamp.of(path) == nil {
      return try replace(path, with: line + [0x0A], mode: .newFile)
    }
    let file = try OpenFile(writing: path)
    let size = try file.stamp().size
    let torn = size > 0 ? try file.read(at: size - 1, count: 1) != [0x0A] : false
    try file.write((torn ? [0x0A] : []) + line + [0x0A])
    try file.sync()
  }

  private static func copyAcross(_ path: FilePath, _ target: FilePath) throws(FileError) {
    let temporary = temporary(for: target)
    try? remove(temporary)
    do throws(FileError) {
      let source = try OpenFile(reading: path)
      let before = try source.stamp()
      var writer = try FileWriter(creating: temporary)
      if let mode = AccessMode.of(path) { writer.setMode(mode) }
      try source.forEachChunk { chunk throws(FileError) in try writer.write(chunk) }
      try writer.finish(modified: before.modified)
      guard try source.stamp() == before else { throw FileError(.read, path, .resourceBusy) }
      try renameExclusively(temporary, target)
    } catch {
      try? remove(temporary)
      throw error
    }
    try removeOldName(path, of: target)
  }

  /// A hard link refuses an existing target, which POSIX `rename` would silently replace.
  ///
  /// Where none can be made, it is looked and then renamed: some file systems have no hard links (exFAT, some FUSE
  /// ones), Android and others forbid them (EACCES), a file may have too many (EMLINK), a quota's border may lie in
  /// between (EXDEV).
  private static func renameExclusively(_ path: FilePath, _ target: FilePath) throws(FileError) {
    do throws(FileError) {
      try check(.link, target) {
        path.withPlatformString { from in target.withPlatformString { to in link(from, to) } }
      }
    } catch {
      let cannot: [Errno] = [
        .notPermitted, .permissionDenied, .notSupported, .notSupportedOnSocket, .noFunction, .tooManyLinks,
        .improperLink,
      ]
      guard cannot.contains(error.errno) else { throw error }
      guard try FileStamp.of(target) == nil else { throw FileError(.rename, target, .fileExists) }
      try check(.rename, target) {
        path.withPlatformString { from in target.withPlatformString { to in rename(from, to) } }
      }
      return
    }
    try removeOldName(path, of: target)
  }

  /// Ends a move; where the old name cannot be removed, the new one goes again.
  private static func removeOldName(_ path: FilePath, of target: FilePath) throws(FileError) {
    do throws(FileError) {
      try check(.remove, path) { path.withPlatformString { unlink($0) } }
    } catch {
      _ = target.withPlatformString { unlink($0) }
      throw error
    }
  }
}
