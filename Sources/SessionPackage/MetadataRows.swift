import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// The rows of one JSONL file in `metadata/`, each with its line number, and what was passed over.
struct MetadataRows: Sendable {
  /// One object of the file.
  struct Row: Sendable {
    /// Counted from 1, blank lines included.
    let line: Int
    let threadID: ThreadID
    let value: JSONValue
    /// A key that stands twice in the row: the transfer tool reads the last one, others the first.
    let doubledKey: String?
  }

  private(set) var rows: [Row] = []
  private(set) var warnings: [PackageWarning] = []

  /// Reads a file, a line at a time; none where there is no file.
  ///
  /// Lines end at byte 0x0A only; blank ones are skipped.
  ///
  /// - Parameters:
  ///   - path: the file's path in the package.
  ///   - key: the member that holds the thread's id.
  init(_ path: String, of tree: PackageTree, key: String, _ budget: inout MetadataBudget) throws(PackageError)
  {
    guard let real = tree.files[path] else { return }
    let limits = budget.limits
    let file = try attempt { () throws(FileError) in try OpenFile(reading: real) }
    let size = try attempt { () throws(FileError) in try file.stamp().size }
    guard size <= limits.linesBytes else {
      throw .overLimit(.metadataBytes, limit: limits.linesBytes, entry: path)
    }
    var buffer = LineBuffer(limit: Int(limits.metadataBytes))
    var offset: Int64 = 0
    var line = 0
    var hasMore = true
    while hasMore {
      hasMore = try buffer.advance { memory throws(PackageError) in
        do throws(FileError) {
          let count = try file.read(at: offset, into: memory)
          offset += Int64(count)
          return count
        } catch {
          throw .file(error)
        }
      } _: { text throws(PackageError) in
        line += 1
        try read(text.extracting(Self.mark(text, line)..<text.count), path, line, key, &budget)
        return true
      }
    }
    if buffer.isOverLimit {
      throw .overLimit(.metadataBytes, limit: limits.metadataBytes, entry: path)
    }
    try buffer.withRest { text throws(PackageError) in
      if !text.isEmpty {
        try read(text.extracting(Self.mark(text, line + 1)..<text.count), path, line + 1, key, &budget)
      }
    }
  }

  /// How many bytes of a line are the byte order mark that some editors put before a file's first one.
  private static func mark(_ text: Span<UInt8>, _ line: Int) -> Int {
    line == 1 && text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF ? 3 : 0
  }

  private mutating func read(
    _ text: Span<UInt8>, _ path: String, _ line: Int, _ key: String, _ budget: inout MetadataBudget
  ) throws(PackageError) {
    if text.indices.allSatisfy({ [0x20, 0x09, 0x0D].contains(text[$0]) }) { return }
    try budget.spend(text, at: path)
    do throws(JSONSyntaxError) {
      let root = try JSONText(text.withUnsafeBufferPointer { Array($0) }).root
      let value = JSONValue(root)
      if value.members == nil {
        warn(.lineNotAnObject(file: path, line: line))
      } else if let id = value[key]?.string.flatMap(ThreadID.init) {
        let doubled = root.doubledKey().map { $0.string ?? "" }
        rows.append(Row(line: line, threadID: id, value: value, doubledKey: doubled))
      } else {
        warn(.invalidThreadID(file: path, line: line, found: value[key]))
      }
    } catch {
      warn(.malformedLine(file: path, line: line, error))
    }
  }

  /// Millions of lines that are nothing are not millions of warnings.
  private mutating func warn(_ warning: PackageWarning) {
    if warnings.count < PackageWarning.most { warnings.append(warning) }
  }
}
