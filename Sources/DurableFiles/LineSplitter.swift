#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Splits a stream of chunks into lines at byte 0x0A, and at nothing else.
///
/// U+2028, U+0085 and a carriage return are content of a line. A line is handed out without its
/// newline. Memory is one chunk and the longest line that crosses a chunk's border.
public struct LineSplitter: Sendable {
  private var pending: [UInt8] = []
  private var pendingOffset: Int64 = 0

  /// Creates a splitter at the start of a stream.
  public init() {}

  /// The bytes after the last newline so far: at the end of the stream, an incomplete last line.
  public var remainder: [UInt8] { pending }

  /// Where the next line begins, counted in bytes from the stream's start.
  public var nextOffset: Int64 { pendingOffset }

  /// Takes the stream's next bytes and calls `body` with each line they complete and its offset.
  public mutating func push<Failure: Error>(
    _ chunk: [UInt8], _ body: (_ line: [UInt8], _ offset: Int64) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while let newline = Self.newline(in: chunk, from: start) {
      let line: [UInt8]
      if pending.isEmpty {
        line = Array(chunk[start..<newline])
      } else {
        pending.append(contentsOf: chunk[start..<newline])
        line = pending
        pending = []
      }
      let offset = pendingOffset
      pendingOffset += Int64(line.count) + 1
      start = newline + 1
      try body(line, offset)
    }
    pending.append(contentsOf: chunk[start...])
  }

  private static func newline(in chunk: [UInt8], from start: Int) -> Int? {
    chunk.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, 0x0A, bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }
}
