import CanonicalJSON
import DurableFiles
import SystemPackage

/// Reads a rollout line by line.
public enum RolloutLines {
  /// What is behind the last newline of a file.
  public struct End: Sendable, Equatable {
    /// The offset behind the last complete line.
    public let offset: Int64
    /// How many bytes an incomplete last line has; 0 where the file ends with a newline.
    public let torn: Int
    /// Whether the file ends with a newline, so that the next byte appended begins a line.
    public let isClosed: Bool
  }

  /// Calls `body` with each complete line from `offset` on, until it answers false.
  ///
  /// The line lies in a buffer that the next one uses again. A last line without a newline counts as complete where
  /// it is a JSON object: Codex adds the newline before it goes on (0.163.0). Anything else behind the last newline
  /// is torn, and handed back.
  ///
  /// Throws `.overLimit` at a line that is too long, or that holds too much for its length.
  ///
  /// The file is read `step` bytes at a time; each step's content is handed to `bytes` before the lines that end in it.
  @discardableResult
  public static func scan(
    _ path: FilePath, from offset: Int64 = 0, step: Int = LineBuffer.step,
    bytes: (UnsafeRawBufferPointer) -> Void = { _ in },
    _ body: (_ line: Span<UInt8>, _ offset: Int64) throws(RolloutError) -> Bool
  ) throws(RolloutError) -> End {
    var stream = try RolloutStream(path, from: offset)
    var buffer = LineBuffer(step: step, limit: RolloutLimits.lineBytes)
    var at = stream.start
    var goesOn = true
    var hasMore = true
    while hasMore {
      hasMore = try buffer.advance { memory throws(RolloutError) in
        let count = try stream.read(into: memory)
        bytes(UnsafeRawBufferPointer(rebasing: memory[..<count]))
        return count
      } _: { line throws(RolloutError) in
        if at >= offset {
          if RolloutLimits.isTooDense(line) { throw .overLimit(path, .density) }
          goesOn = try body(line, at)
        }
        at += Int64(line.count) + 1
        return goesOn
      }
    }
    if buffer.isOverLimit { throw .overLimit(path, .lineBytes) }
    guard goesOn, buffer.restCount > 0 else { return End(offset: at, torn: 0, isClosed: true) }
    return try buffer.withRest { rest throws(RolloutError) in
      guard isObject(rest) else {
        return End(offset: at, torn: rest.count, isClosed: false)
      }
      if RolloutLimits.isTooDense(rest) { throw .overLimit(path, .density) }
      _ = try body(rest, at)
      return End(offset: at + Int64(rest.count), torn: 0, isClosed: false)
    }
  }

  /// Like `scan`, with a copy of each line.
  @discardableResult
  public static func read(
    _ path: FilePath, from offset: Int64 = 0,
    _ body: (_ line: [UInt8], _ offset: Int64) throws(RolloutError) -> Bool
  ) throws(RolloutError) -> End {
    try scan(path, from: offset) { line, at throws(RolloutError) in
      try body(line.withUnsafeBufferPointer { Array($0) }, at)
    }
  }

  private static func isObject(_ text: Span<UInt8>) -> Bool {
    var scanner = CanonicalScanner()
    guard (try? scanner.scan(text)) != nil else { return false }
    let first = text.indices.first { ![0x20, 0x09, 0x0D].contains(text[$0]) }
    return first.map { text[$0] == UInt8(ascii: "{") } ?? false
  }
}
