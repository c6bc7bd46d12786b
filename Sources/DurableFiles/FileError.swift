import SystemPackage

/// A failed file operation: what was tried, where, and the system's reason.
public struct FileError: Error, Equatable, Sendable {
  /// The system call, or family of calls, that failed.
  public enum Operation: String, Sendable {
    case open, read, write, sync, stat, list, makeFolder, rename, remove, truncate, lock, link
  }

  /// The operation that failed.
  public let operation: Operation
  /// The path it was tried on.
  public let path: FilePath
  /// The system's error number.
  public let errno: Errno

  /// Creates an error from its facts.
  public init(_ operation: Operation, _ path: FilePath, _ errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }
}

extension FileError {
  /// Whether the file itself cannot be written, however often it is tried: no permission, a read-only or failing disk.
  public var isRefusal: Bool {
    [.permissionDenied, .notPermitted, .readOnlyFileSystem, .ioError].contains(errno)
  }

  /// Whether there is no room left: on the disk, or for this user.
  public var isNoSpace: Bool { errno == .noSpace || errno == .diskQuotaExceeded }
}

extension FileError: CustomStringConvertible {
  /// The facts in one line, for logs.
  public var description: String { "\(operation.rawValue) \(path): \(errno)" }
}
