import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open regular file; closed when the value ends.
///
/// Opening follows a symbolic link in the last component only where that is asked for, and never blocks on a FIFO:
/// whatever is not a regular file is refused.
public struct OpenFile: ~Copyable {
  /// The path the file was opened by.
  public let path: FilePath
  let descriptor: CInt

  /// Opens an existing file for reading.
  public init(reading path: FilePath, followingLinks: Bool = false) throws(FileError) {
    try self.init(path, flags: O_RDONLY | O_NONBLOCK | (followingLinks ? 0 : O_NOFOLLOW))
  }

  /// Opens an existing file for appending and truncating.
  init(writing path: FilePath) throws(FileError) {
    try self.init(path, flags: O_RDWR | O_APPEND | O_NONBLOCK | O_NOFOLLOW)
  }

  /// Creates a file that must not exist yet.
  init(creating path: FilePath, permissions: mode_t) throws(FileError) {
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    descriptor = try check(.write, path) { path.withPlatformString { open($0, flags, permissions) } }
    self.path = path
  }

  private init(_ path: FilePath, flags: CInt) throws(FileError) {
    let opened = try check(.open, path) {
      path.withPlatformString { open($0, flags | O_CLOEXEC) }
    }
    var info = stat()
    guard fstat(opened, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw FileError(.open, path, .invalidArgument)
    }
    descriptor = opened
    self.path = path
  }

  deinit { close(descriptor) }

  /// The file's stamp as it is now.
  public func stamp() throws(FileError) -> FileStamp {
    var info = stat()
    try check(.stat, path) { fstat(descriptor, &info) }
    return FileStamp(info)
  }

  /// How many bytes of the file are on disk as data, holes left out; counted up to `enough`.
  ///
  /// All of them where the file system does not tell.
  public func dataBytes(enough: Int64 = .max) throws(FileError) -> Int64 {
    let size = try stamp().size
    var at: Int64 = 0
    var data: Int64 = 0
    while at < size, data < enough {
      let start = Int64(lseek(descriptor, off_t(at), seekData))
      // Nothing but a hole up to the end.
      if start < 0 { return errno == ENXIO ? data : size }
      let end = Int64(lseek(descriptor, off_t(start), seekHole))
      guard end > start else { return size }
      data += end - start
      at = end
    }
    return data
  }

  /// Reads up to `count` bytes from `offset`; fewer at the end of the file, none behind it.
  public func read(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        filled = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Fills memory from `offset` on, and says how far; less than all at the end of the file, 0 behind it.
  public func read(
    at offset: Int64, into memory: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> Int {
    var filled = 0
    while filled < memory.count {
      let step = try check(.read, path) {
        pread(
          descriptor, memory.baseAddress.map { $0 + filled }, memory.count - filled,
          off_t(offset) + off_t(filled))
      }
      if step == 0 { break }
      filled += step
    }
    return filled
  }

  /// Reads from `offset` to the end, a step of at most `FileReading.chunkSize` bytes at a time.
  public func forEachChunk(
    from offset: Int64 = 0, _ body: ([UInt8]) throws(FileError) -> Void
  ) throws(FileError) {
    var at = offset
    while true {
      let chunk = try read(at: at, count: FileReading.chunkSize)
      if chunk.isEmpty { return }
      try body(chunk)
      at += Int64(chunk.count)
    }
  }

  /// Writes all of `bytes` at the file's end.
  func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    var written = 0
    while written < bytes.count {
      written += try check(.write, path) {
        bytes.withUnsafeBytes { buffer in
          systemWrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        }
      }
    }
  }

  func truncate(to length: Int64) throws(FileError) {
    try check(.truncate, path) { ftruncate(descriptor, off_t(length)) }
  }

  func sync() throws(FileError) { try flush(descriptor, of: path) }

  /// Gives the file a mode, if it can be.
  func setMode(_ mode: AccessMode) { _ = fchmod(descriptor, mode.mode) }

  /// Gives the file a modification time as far as this user and the file system let it.
  ///
  /// Who may write a file of another owner may not set its times (EPERM); nor does every CIFS or FUSE mount.
  func setModified(_ time: FileTime) {
    // Numbers beyond a second mean something else to the system.
    let nanoseconds = min(max(0, time.nanoseconds), 999_999_999)
    let stamp = timespec(tv_sec: time_t(time.seconds), tv_nsec: Int(nanoseconds))
    let times = [stamp, stamp]
    _ = futimens(descriptor, times)
  }
}

#if canImport(Darwin)
  private let (seekHole, seekData) = (SEEK_HOLE, SEEK_DATA)
#else
  // Linux's, which its C library shows to GNU sources only.
  private let (seekData, seekHole): (CInt, CInt) = (3, 4)
#endif

/// The system's `write`, whose plain name is taken inside `OpenFile`.
private let systemWrite = write

/// Flushes what a descriptor is open on; a file system that flushes nothing of this kind is no error.
///
/// Folders on CIFS (Linux before 4.17), drvfs and some FUSE mounts answer EINVAL or ENOTSUP, a few others EBADF.
func flush(_ descriptor: CInt, of path: FilePath) throws(FileError) {
  do throws(FileError) {
    try check(.sync, path) { fsync(descriptor) }
  } catch {
    let cannot: [Errno] = [
      .invalidArgument, .notSupported, .notSupportedOnSocket, .badFileDescriptor, .noFunction,
      .permissionDenied,
      .notPermitted, .readOnlyFileSystem,
    ]
    if !cannot.contains(error.errno) { throw error }
  }
}
