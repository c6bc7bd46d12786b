import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes a symbolic link.
func symlink(_ path: FilePath, to target: String) throws {
  guard path.withPlatformString({ symlink(target, $0) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Makes a FIFO.
func fifo(_ path: FilePath) throws {
  guard path.withPlatformString({ mkfifo($0, 0o600) }) == 0 else { throw Errno(rawValue: errno) }
}

/// Moves a file or folder.
func rename(_ path: FilePath, to target: FilePath) throws {
  let result = path.withPlatformString { from in target.withPlatformString { to in rename(from, to) } }
  guard result == 0 else { throw Errno(rawValue: errno) }
}
