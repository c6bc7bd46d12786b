import CanonicalJSON

/// One line of a rollout: where it is, what it is, and its digest.
///
/// Its bytes stay in the file.
public struct RolloutRecord: Sendable, Hashable {
  /// Where the line begins in the uncompressed file, in bytes.
  public let offset: Int64
  /// Its length in bytes, the newline left out.
  public let length: Int
  /// What it is to the history.
  public let kind: RecordKind
  /// Codex's running number of the record; absent in legacy files, and where it is none that one can count on from.
  public let ordinal: Int64?
  /// The digest of the record.
  public let digest: RecordDigest

  /// The highest ordinal believed: what a double still counts exactly, and far from what an `Int64` holds.
  private static let highestOrdinal: Int64 = 1 << 53

  /// Reads a line.
  init(line: [UInt8], text: JSONText?, offset: Int64) {
    self.offset = offset
    length = line.count
    kind = text.map { RecordKind($0.root) } ?? .notJSON
    ordinal = text?.root["ordinal"]?.integer.flatMap { (0...Self.highestOrdinal).contains($0) ? $0 : nil }
    digest = RecordMask.digest(of: line, text: text, kind: kind)
  }
}
