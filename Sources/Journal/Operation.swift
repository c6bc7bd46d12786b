import CanonicalJSON
import DurableFiles
import SystemPackage

/// One change of Codex's state, with all that its inverse needs.
///
/// Operations come in pairs that undo each other: make and remove a folder, place and take a file, append and cut,
/// add and drop a line, a row change and the same with its sides exchanged.
public enum Operation: Sendable, Hashable {
  /// Makes one folder whose parent exists; `below` a folder, no link may lie between the two.
  case makeFolder(FilePath, below: FilePath? = nil)
  /// Removes a folder, if it is empty by then.
  case removeFolder(FilePath)
  /// Moves staged content to a path that is free.
  case placeFile(FilePath, Content)
  /// Moves a file out of the home into the journal.
  case takeFile(FilePath, Content)
  /// Appends staged content to a file.
  case append(FilePath, Extent)
  /// Cuts a file back; what is cut off is kept in the journal.
  case cut(FilePath, Extent)
  /// Moves a file inside the home.
  case moveFile(FilePath, to: FilePath)
  /// Appends a line to a file of lines.
  case addLine(FilePath, String)
  /// Removes a line from a file of lines.
  case dropLine(FilePath, String)
  /// Inserts, updates or deletes a row.
  case row(RowChange)
  /// Deletes what Codex derived from a rollout; Codex builds it again, so there is nothing to undo.
  case forgetDerived(rollout: String)

  /// Bytes kept in the transaction's folder.
  public struct Content: Sendable, Hashable {
    /// The file's name in the transaction's folder.
    public let name: String
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    public let sha256: String
    /// How many bytes.
    public let size: Int64
    /// The mode of the file in the home; here it is its owner's alone.
    ///
    /// Nil where the bytes are no whole file, and in
    /// what older versions wrote: they kept it here with the mode that it has there.
    public let mode: AccessMode?

    /// Creates a description of content.
    public init(name: String, sha256: String, size: Int64, mode: AccessMode? = nil) {
      self.mode = mode
      self.name = name
      self.sha256 = sha256
      self.size = size
    }
  }

  /// A range at the end of a file.
  public struct Extent: Sendable, Hashable {
    /// The file's length without the range.
    public let start: Int64
    /// The bytes of the range.
    public let content: Content
    /// The file's modification time without the range.
    public let modifiedWithout: FileTime
    /// The file's modification time with it.
    public let modifiedWith: FileTime

    /// Creates an extent.
    public init(start: Int64, content: Content, modifiedWithout: FileTime, modifiedWith: FileTime) {
      self.start = start
      self.content = content
      self.modifiedWithout = modifiedWithout
      self.modifiedWith = modifiedWith
    }
  }

  /// Whether the operation is about a file or folder, not about rows.
  var isOfFile: Bool {
    switch self {
    case .row, .forgetDerived: false
    default: true
    }
  }

  /// The row that the operation changes, where it does.
  var row: RowChange? { if case .row(let change) = self { change } else { nil } }

  /// The path the operation is about, where it has one.
  public var path: FilePath? {
    switch self {
    case .makeFolder(let path, _), .removeFolder(let path), .placeFile(let path, _), .takeFile(let path, _),
      .append(let path, _), .cut(let path, _), .addLine(let path, _), .dropLine(let path, _):
      path
    case .moveFile(_, let path): path
    case .row, .forgetDerived: nil
    }
  }
}
