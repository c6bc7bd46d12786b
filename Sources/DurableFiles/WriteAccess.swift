import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What stands in the way of writing, asked before anything is written.
///
/// Each answers nil where nothing does. It is no promise: somebody may change permissions meanwhile. What quotas leave
/// is not told by any system call that is the same everywhere; a full one shows when it is written.
public enum WriteAccess {
  /// Why bytes cannot be appended to a file, and cut off again: no permission, a read-only file system, or a file that
  /// is immutable or append-only.
  ///
  /// The file is not opened for writing: that alone copies one of a container's image to another disk.
  public static func obstacle(appendingTo path: FilePath) -> FileError? {
    refusal(path, W_OK) ?? (isAppendOnly(path) ? FileError(.write, path, .notPermitted) : nil)
  }

  /// Why a database cannot be changed in place; nil where there is none.
  ///
  /// It is not opened: closing it would take the locks away that this process has on it (POSIX). Beside it, its log is
  /// written.
  public static func obstacle(changing database: FilePath) -> FileError? {
    let files = [database] + ["-wal", "-shm"].map { FilePath("\(database)\($0)") }
    for file in files where exists(file) {
      if let obstacle = refusal(file, W_OK | R_OK) { return obstacle }
    }
    return exists(database) ? obstacle(makingIn: database.removingLastComponent()) : nil
  }

  /// Why nothing new can be made in a folder; where it is missing, in the nearest one above it.
  public static func obstacle(makingIn folder: FilePath) -> FileError? {
    var place = folder
    while !exists(place), place.removeLastComponent() {}
    if let stamp = (try? FileStamp.ofTarget(place)) ?? nil, stamp.kind != .folder {
      return FileError(.makeFolder, place, .notDirectory)
    }
    place = place.isEmpty ? "." : place
    return refusal(place, W_OK | X_OK)
      ?? (isAppendOnly(place) ? FileError(.write, place, .notPermitted) : nil)
  }

  /// Why a file cannot be taken out of its folder: as `makingIn`, or the folder is one where everybody may remove only
  /// what is theirs.
  public static func obstacle(removing path: FilePath) -> FileError? {
    let folder = path.removingLastComponent()
    if let obstacle = obstacle(makingIn: folder) { return obstacle }
    var (file, around) = (stat(), stat())
    guard path.withPlatformString({ lstat($0, &file) }) == 0,
      folder.withPlatformString({ stat($0, &around) }) == 0
    else { return nil }
    let own = geteuid()
    let isForeign = around.st_mode & S_ISVTX != 0 && ![0, file.st_uid, around.st_uid].contains(own)
    return isForeign ? FileError(.remove, path, .notPermitted) : nil
  }

  /// Whether what is written to a file or folder cannot be taken back: `chattr +a`, `chflags uappnd`.
  ///
  /// An immutable one is told by `faccessat`.
  private static func isAppendOnly(_ path: FilePath) -> Bool {
    #if canImport(Darwin)
      var info = stat()
      guard path.withPlatformString({ stat($0, &info) }) == 0 else { return false }
      return info.st_flags & UInt32(UF_APPEND | SF_APPEND | UF_IMMUTABLE | SF_IMMUTABLE) != 0
    #else
      let descriptor = path.withPlatformString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      // FS_IOC_GETFLAGS and FS_APPEND_FL of linux/fs.h, which are macros that Swift cannot see.
      var flags: CLong = 0
      return ioctl(descriptor, UInt(0x8008_6601), &flags) == 0 && flags & 0x20 != 0
    #endif
  }

  private static func exists(_ path: FilePath) -> Bool {
    path.withPlatformString { faccessat(AT_FDCWD, $0, F_OK, AT_EACCESS) } == 0
      || errno != ENOENT && errno != ENOTDIR
  }

  /// Asked for the effective user; immutable files and read-only mounts are refused as well.
  private static func refusal(_ path: FilePath, _ wanted: CInt) -> FileError? {
    do throws(FileError) {
      try check(.write, path) { path.withPlatformString { faccessat(AT_FDCWD, $0, wanted, AT_EACCESS) } }
      return nil
    } catch {
      return error
    }
  }
}
