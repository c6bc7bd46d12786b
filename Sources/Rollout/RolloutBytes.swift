import SystemPackage

/// Reads a rollout's uncompressed bytes, whether or not it is compressed.
public enum RolloutBytes {
  /// Calls `body` with each step of the content.
  public static func read(
    _ path: FilePath, _ body: ([UInt8]) throws(RolloutError) -> Void
  ) throws(RolloutError) {
    var stream = try RolloutStream(path)
    while let chunk = try stream.next() { try body(chunk) }
  }
}
