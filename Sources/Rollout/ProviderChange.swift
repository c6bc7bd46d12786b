import CanonicalJSON
import SystemPackage

/// A rollout's first record with another provider in it, and nothing else changed.
///
/// Codex lists a thread by the provider that its file begins with, whatever row and settings records say (0.133.0 to
/// 0.163.0). All that is behind the record moves: places that Codex, or a fork, noted in the file are no longer right.
public struct ProviderChange: Sendable, Hashable {
  /// How many bytes the record has, without its newline.
  public let oldLength: Int64
  /// The record as it is to be.
  public let line: [UInt8]

  /// How far everything behind the record moves, in bytes.
  public var shift: Int64 { Int64(line.count) - oldLength }

  /// Looks at the beginning of a rollout; nil where `isKnown` says that its provider may stay, or it names none.
  public init?(
    _ path: FilePath, to provider: String, unless isKnown: (String) -> Bool
  ) throws(RolloutError) {
    var first: [UInt8]?
    try RolloutLines.scan(path, step: 1 << 15) { line, _ in
      first = line.withUnsafeBytes { Array($0) }
      return false
    }
    guard let first, let text = try? JSONText(first), let cursor = text.root["payload"]?["model_provider"],
      let old = cursor.string, !isKnown(old)
    else { return nil }
    var splice = JSONSplice(text)
    splice.replace(cursor, with: .string(provider))
    oldLength = Int64(first.count)
    line = splice.result
  }
}
