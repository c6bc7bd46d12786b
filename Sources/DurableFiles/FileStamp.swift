import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a file looked like at one moment: two equal stamps mean that nobody wrote in between.
public struct FileStamp: Hashable, Sendable, Codable {
  /// What kind of directory entry the stamp was taken of.
  public enum Kind: String, Sendable, Codable { case file, folder, symbolicLink, other }

  /// What the entry is.
  public let kind: Kind
  /// The device that holds the file.
  public let device: UInt64
  /// The file's number on that device.
  public let inode: UInt64
  /// Length in bytes.
  public let size: Int64
  /// When the content was last modified.
  public let modified: FileTime
  /// When the inode last changed.
  public let changed: FileTime

  /// Which file it is, whatever its path.
  public var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

  /// Takes the stamp of `path` without following a symbolic link in its last component;
  /// nil where nothing is there.
  public static func of(_ path: FilePath) throws(FileError) -> FileStamp? {
    var info = stat()
    do throws(FileError) {
      try check(.stat, path) { path.withPlatformString { lstat($0, &info) } }
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw error
    }
    return FileStamp(info)
  }

  /// Takes the stamp of what `path` leads to, symbolic links followed; nil where nothing is there.
  public static func ofTarget(_ path: FilePath) throws(FileError) -> FileStamp? {
    var info = stat()
    do throws(FileError) {
      try check(.stat, path) { path.withPlatformString { stat($0, &info) } }
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw error
    }
    return FileStamp(info)
  }

  init(_ info: stat) {
    switch info.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .symbolicLink
    default: kind = .other
    }
    // Signed on Darwin, where a network volume's may be negative.
    device = UInt64(truncatingIfNeeded: info.st_dev)
    inode = UInt64(info.st_ino)
    size = Int64(info.st_size)
    #if canImport(Darwin)
      modified = FileTime(
        seconds: Int64(info.st_mtimespec.tv_sec), nanoseconds: Int64(info.st_mtimespec.tv_nsec))
      changed = FileTime(
        seconds: Int64(info.st_ctimespec.tv_sec), nanoseconds: Int64(info.st_ctimespec.tv_nsec))
    #else
      modified = FileTime(seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int64(info.st_mtim.tv_nsec))
      changed = FileTime(seconds: Int64(info.st_ctim.tv_sec), nanoseconds: Int64(info.st_ctim.tv_nsec))
    #endif
  }
}

/// What tells one file or folder from every other, by whatever path it is reached.
public struct FileIdentity: Hashable, Sendable {
  /// The device that holds it.
  public let device: UInt64
  /// Its number on that device.
  public let inode: UInt64
}

/// A point in time as file systems keep it.
public struct FileTime: Hashable, Sendable, Codable {
  /// Seconds since 1970, UTC.
  public let seconds: Int64
  /// Nanoseconds within the second.
  public let nanoseconds: Int64

  /// Creates a time from its two parts.
  public init(seconds: Int64, nanoseconds: Int64) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}

extension FilePath {
  /// The file itself, by a path without symbolic links.
  func resolvingLinks() throws(FileError) -> FilePath {
    guard let resolved = withPlatformString({ realpath($0, nil) }) else {
      throw FileError(.stat, self, Errno(rawValue: errno))
    }
    defer { free(resolved) }
    return FilePath(platformString: resolved)
  }
}
