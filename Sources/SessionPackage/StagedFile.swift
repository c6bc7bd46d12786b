import DurableFiles
import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A new file in staging.
///
/// Nothing waits for the disk: what is staged is thrown away after use, and flushing each file makes opening
/// an archive of 1,000 sessions take five seconds.
struct StagedFile: ~Copyable {
  private let path: FilePath
  private let descriptor: FileDescriptor

  /// Creates the file, which must not exist, for its owner only.
  init(creating path: FilePath) throws(FileError) {
    self.path = path
    descriptor = try Self.attempt(.open, path) {
      try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: .ownerReadWrite)
    }
  }

  deinit { try? descriptor.close() }

  /// Writes the next bytes.
  func write(_ bytes: [UInt8]) throws(FileError) {
    _ = try Self.attempt(.write, path) { try descriptor.writeAll(bytes) }
  }

  /// Gives the file the time that its archive says.
  func setModified(_ time: FileTime) throws(FileError) {
    let stamp = timespec(tv_sec: time_t(time.seconds), tv_nsec: Int(time.nanoseconds))
    guard futimens(descriptor.rawValue, [stamp, stamp]) == 0 else {
      throw FileError(.setTimes, path, Errno(rawValue: errno))
    }
  }

  private static func attempt<Result>(
    _ operation: FileError.Operation, _ path: FilePath, _ body: () throws -> Result
  ) throws(FileError) -> Result {
    do {
      return try body()
    } catch {
      throw FileError(operation, path, error as? Errno ?? .ioError)
    }
  }
}
