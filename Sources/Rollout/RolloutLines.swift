import CanonicalJSON
import DurableFiles
import SystemPackage

/// Reads a rollout line by line.
public enum RolloutLines {
  /// What is behind the last newline of a file.
  public struct End: Sendable, Equatable {
    /// The offset behind the last complete line.
    public let offset: Int64
    /// The bytes of an incomplete last line; empty where the file ends with a newline.
    public let torn: [UInt8]
    /// Whether the file ends with a newline, so that the next byte appended begins a line.
    public let isClosed: Bool
  }

  /// Calls `body` with each complete line from `offset` on, until it answers false.
  ///
  /// A last line without a newline counts as complete where it is valid JSON: Codex adds the newline before it
  /// goes on (0.163.0). Anything else behind the last newline is torn, and handed back.
  @discardableResult
  public static func read(
    _ path: FilePath, from offset: Int64 = 0,
    _ body: (_ line: [UInt8], _ offset: Int64) throws(RolloutError) -> Bool
  ) throws(RolloutError) -> End {
    var stream = try RolloutStream(path, from: offset)
    var splitter = LineSplitter()
    let start = stream.start
    var goesOn = true
    while goesOn, let chunk = try stream.next() {
      try splitter.push(chunk) { line, at throws(RolloutError) in
        guard goesOn, start + at >= offset else { return }
        goesOn = try body(line, start + at)
      }
    }
    let rest = splitter.remainder
    guard goesOn, !rest.isEmpty else {
      return End(offset: start + splitter.nextOffset, torn: [], isClosed: true)
    }
    guard (try? JSONText(rest))?.root.kind == .object else {
      return End(offset: start + splitter.nextOffset, torn: rest, isClosed: false)
    }
    _ = try body(rest, start + splitter.nextOffset)
    return End(offset: start + splitter.nextOffset + Int64(rest.count), torn: [], isClosed: false)
  }
}
