import DurableFiles
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes a symbolic link.
public func symlink(_ path: FilePath, to target: String) throws {
  guard path.withPlatformString({ symlink(target, $0) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Makes a FIFO.
public func fifo(_ path: FilePath) throws {
  guard path.withPlatformString({ mkfifo($0, 0o600) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Sets the permissions of a file.
public func chmod(_ path: FilePath, _ mode: mode_t) throws {
  guard path.withPlatformString({ chmod($0, mode) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Gives a file or folder to another user.
public func chown(_ path: FilePath, _ user: uid_t) throws {
  guard path.withPlatformString({ lchown($0, user, gid_t.max) }) == 0 else { throw Errno(rawValue: errno) }
}

/// The permissions of a file.
public func mode(_ path: FilePath) throws -> mode_t {
  var info = stat()
  guard path.withPlatformString({ lstat($0, &info) }) == 0 else { throw Errno(rawValue: errno) }
  return info.st_mode & 0o7777
}

/// The system's reason for a refusal; nil where there was none.
public func refusal(_ body: () throws(FileError) -> Void) -> Errno? {
  do throws(FileError) {
    try body()
    return nil
  } catch {
    return error.errno
  }
}

/// Gives a file a length: what is added is a hole.
public func truncate(_ path: FilePath, to length: Int64) throws {
  guard path.withPlatformString({ truncate($0, off_t(length)) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Moves a file or folder.
public func rename(_ path: FilePath, to target: FilePath) throws {
  let result = path.withPlatformString { from in target.withPlatformString { to in rename(from, to) } }
  guard result == 0 else { throw Errno(rawValue: errno) }
}
