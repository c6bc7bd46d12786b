import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Flushes what a descriptor is open on; a file system that flushes nothing of this kind is no error.
///
/// Folders on CIFS (Linux before 4.17), drvfs and some FUSE mounts answer EINVAL or ENOTSUP, a few others EBADF.
func flush(_ descriptor: CInt, of path: FilePath) throws(FileError) {
  do throws(FileError) {
    try check(.sync, path) { fsync(descriptor) }
  } catch {
    let cannot: [Errno] = [
      .invalidArgument, .notSupported, .notSupportedOnSocket, .badFileDescriptor, .noFunction, .permissionDenied,
      .notPermitted, .readOnlyFileSystem,
    ]
    if !cannot.contains(error.errno) { throw error }
  }
}

/// Runs a system call that reports failure as -1, again when a signal interrupted it.
@discardableResult
func check<Result: SignedInteger>(
  _ operation: FileError.Operation, _ path: FilePath, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    if errno != EINTR { throw FileError(operation, path, Errno(rawValue: errno)) }
  }
}
