import DurableFiles
import SystemPackage

/// Goes forward through a rollout's uncompressed bytes and hands out ranges of them.
struct RolloutCursor: ~Copyable {
  private let path: FilePath
  private var stream: RolloutStream
  private var chunk: ArraySlice<UInt8> = []
  /// Where `chunk` ends in the file.
  private var end: Int64 = 0

  /// Opens a rollout.
  ///
  /// - Parameter step: how much to read at once, in bytes: little where the ranges lie far apart.
  init(_ path: FilePath, step: Int = FileReading.chunkSize) throws(RolloutError) {
    self.path = path
    stream = try RolloutStream(path)
    stream.step = step
  }

  /// Hands out the bytes of `range` in order; it must not begin before the end of the last one.
  mutating func read(
    _ range: Range<Int64>, _ body: (ArraySlice<UInt8>) throws(RolloutError) -> Void
  ) throws(RolloutError) {
    if range.lowerBound > end { end = stream.skip(to: range.lowerBound) }
    var at = range.lowerBound
    while at < range.upperBound {
      while end <= at {
        guard let next = try stream.next() else { throw .changed(path) }
        chunk = next[...]
        end += Int64(next.count)
      }
      let rest = chunk.suffix(Int(end - at))
      let part = rest.prefix(Int(min(range.upperBound - at, Int64(rest.count))))
      try body(part)
      at += Int64(part.count)
    }
  }

  /// The bytes of `range` together.
  mutating func bytes(_ range: Range<Int64>) throws(RolloutError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    try read(range) { bytes += $0 }
    return bytes
  }
}
