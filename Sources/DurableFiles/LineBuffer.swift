#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lines of a stream, read through one piece of memory.
///
/// A line ends at byte 0x0A and at nothing else: U+2028, U+0085 and a carriage return are content. Memory is a few
/// steps of reading, and while a longer line passes through, that line; `realloc` moves it without a copy.
public struct LineBuffer: ~Copyable {
  /// How much is read at once, in bytes: what the second cache of a processor holds is read fastest.
  public static let step = 1 << 18

  private let step: Int
  private let limit: Int
  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0
  private var filled = 0

  /// Creates an empty buffer.
  ///
  /// - Parameters:
  ///   - step: how much to read at once, in bytes.
  ///   - limit: how long a line may be, in bytes.
  public init(step: Int = LineBuffer.step, limit: Int = .max) {
    self.step = step
    self.limit = limit
  }

  deinit { free(memory) }

  /// How many bytes stand behind the last line handed out: at the end of the stream, an incomplete last line.
  public var restCount: Int { filled }

  /// Whether reading has stopped at a line that is longer than the limit.
  public var isOverLimit: Bool { filled > limit }

  /// Calls `read` once for the next bytes of the stream, then `body` with each line that they complete, its newline
  /// left out, until it answers false.
  ///
  /// `read` fills the beginning of the memory it is given and says how much; 0 at the end. It is given none where the
  /// machine has none left for a long line.
  ///
  /// - Returns: whether there may be more: false at the end of the stream, after `body` answered false, and at a line
  ///   that is longer than the limit.
  public mutating func advance<Failure: Error>(
    _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int,
    _ body: (Span<UInt8>) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    makeRoom()
    var from = filled
    let room = min(capacity - filled, step)
    let count = try read(UnsafeMutableRawBufferPointer(start: memory.map { $0 + filled }, count: room))
    guard let memory, count > 0 else { return false }
    filled += count
    var start = 0
    while from < filled, let newline = memchr(memory + from, 0x0A, filled - from) {
      let end = UnsafeRawPointer(newline) - UnsafeRawPointer(memory)
      let line = UnsafeRawBufferPointer(start: memory + start, count: end - start)
      start = end + 1
      from = start
      guard try line.withMemoryRebound(to: UInt8.self, { (line) throws(Failure) in try body(line.span) })
      else { return false }
    }
    filled -= start
    memmove(memory, memory + start, filled)
    return !isOverLimit
  }

  /// Calls `body` with the bytes behind the last line.
  public func withRest<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try UnsafeRawBufferPointer(start: memory, count: filled)
      .withMemoryRebound(to: UInt8.self) { (rest) throws(Failure) in try body(rest.span) }
  }

  /// Doubles the memory for a line that does not fit, and gives it back when that line has passed.
  private mutating func makeRoom() {
    let isTooSmall = capacity - filled < step
    let isTooLarge = capacity > 4 * step && filled < step
    guard isTooSmall || isTooLarge else { return }
    let wanted = isTooLarge ? 2 * step : max(2 * capacity, 2 * step)
    guard let moved = realloc(memory, wanted) else { return }
    memory = moved
    capacity = wanted
  }
}
