import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The three streams that a program begins with, as its first file descriptors.
public enum StandardStreams {
  /// Sees that the three descriptors are taken, so that no file that is opened later becomes one of them.
  ///
  /// A shell closes them with `>&-`: the next file that was opened, a database perhaps, would then receive what is
  /// printed. One that was closed is opened the wrong way round, so that using it still fails with `EBADF`.
  public static func occupy() {
    for (stream, wrongWay) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ]
    where fcntl(stream, F_GETFD) == -1 && errno == EBADF {
      // The lowest free descriptor is this one, as those below it are taken.
      _ = open("/dev/null", wrongWay)
    }
  }

  /// Writes all bytes to a stream; nil where it took them, else why not.
  ///
  /// Somebody else may have made the stream one that does not block: then it is waited for.
  public static func write(_ bytes: [UInt8], to stream: Stream) -> Errno? {
    let descriptor = stream == .output ? STDOUT_FILENO : STDERR_FILENO
    var written = 0
    while written < bytes.count {
      let step = bytes.withUnsafeBytes { buffer in
        systemWrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if step >= 0 {
        written += step
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN, EWOULDBLOCK:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      default: return Errno(rawValue: errno)
      }
    }
    return nil
  }

  /// A stream that is written to.
  public enum Stream: Sendable { case output, error }
}

/// The system's `write`, whose plain name is taken inside `StandardStreams`.
private let systemWrite = write
