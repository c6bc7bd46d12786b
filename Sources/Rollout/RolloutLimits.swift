import CanonicalJSON
import DurableFiles

/// How much a rollout may ask of memory and disk for what it is.
///
/// A few kilobytes can be written that unfold to gigabytes, or that hold more in memory than on disk. What real
/// transcripts need is far below: lines of 64 MB (images), files of 10 GB, 30 times their compressed size.
public enum RolloutLimits {
  /// What was asked for too much.
  public enum Kind: String, Sendable {
    /// A line is longer than `lineBytes`.
    case lineBytes = "line_bytes"
    /// A line that is to be changed for this machine is longer than `changedLineBytes`.
    case changedLineBytes = "changed_line_bytes"
    /// The file unfolds to more than `ratio` times its bytes: compressed, or with holes.
    case ratio = "expansion_ratio"
    /// A line holds too many values, or the file too many records, for its length.
    case density = "density"
    /// The sessions of a package together ask for too much for its size.
    case package = "package_total"
  }

  /// Bytes of one line: it is held in memory.
  public static let lineBytes = 72 << 20
  /// Bytes of one line that is taken apart and put together again.
  static let changedLineBytes = 20 << 20
  /// Bytes unfolded for each byte on disk, beyond `floor`.
  public static let ratio: Int64 = 250
  /// Bytes up to which nothing is refused for what it unfolds to.
  public static let floor: Int64 = 64 << 20
  /// Bytes of memory that are granted to any file, and to any package, for what is kept of it.
  public static let memory: Int64 = 64 << 20

  /// Whether more unfolded than a file or package of some size on disk explains.
  public static func isOverRatio(_ unfolded: Int64, of packed: Int64) -> Bool {
    unfolded > floor && unfolded / ratio > packed
  }

  /// Whether most of a file is holes, which take no room on disk and unfold to zeros.
  public static func isHollow(_ file: borrowing OpenFile) throws(FileError) -> Bool {
    let size = try file.stamp().size
    if size <= floor { return false }
    return isOverRatio(size, of: try file.dataBytes(enough: size / ratio + 1))
  }

  /// Whether a line holds more values than its length explains: as a tree they would take many times its bytes.
  static func isTooDense(_ line: Span<UInt8>) -> Bool {
    if line.count <= 1 << 20 { return false }
    return JSONText.valueCount(line).map { $0 > 250_000 + line.count / 100 } ?? false
  }

  /// Whether what is kept of a file takes more memory than its length explains.
  static func isTooDense(_ memory: Int64, upTo offset: Int64) -> Bool {
    memory > Self.memory + offset / 64
  }
}
