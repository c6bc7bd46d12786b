import CanonicalJSON
import Rollout

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

  /// Reads the file's content.
  ///
  /// Lines end at byte 0x0A only; blank ones are skipped.
  ///
  /// - Parameter key: the member that holds the thread's id.
  init(_ bytes: [UInt8], file: String, key: String) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, text) in lines.enumerated() where !text.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) {
      let line = index + 1
      do throws(JSONSyntaxError) {
        let root = try JSONText(Array(text)).root
        let value = JSONValue(root)
        if value.members == nil {
          warnings.append(.lineNotAnObject(file: file, line: line))
        } else if let id = value[key]?.string.flatMap(ThreadID.init) {
          let doubled = root.doubledKey().map { $0.string ?? "" }
          rows.append(Row(line: line, threadID: id, value: value, doubledKey: doubled))
        } else {
          warnings.append(.invalidThreadID(file: file, line: line, found: value[key]))
        }
      } catch {
        warnings.append(.malformedLine(file: file, line: line, error))
      }
    }
  }
}
