import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
