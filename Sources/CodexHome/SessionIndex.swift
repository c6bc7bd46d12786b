import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// `session_index.jsonl`: thread names, which Codex still writes and, for legacy threads, reads (0.163.0).
public struct SessionIndex: Sendable {
  /// The last row of each thread.
  public let rows: [ThreadID: JSONValue]

  /// Reads the file; lines that are no rows are passed over.
  public init(readingFrom path: FilePath) throws(CodexHomeError) {
    let bytes = try withFiles { () throws(FileError) in
      try FileReading.bytesIfPresent(of: path, followingLinks: true)
    }
    var rows: [ThreadID: JSONValue] = [:]
    for line in (bytes ?? []).split(separator: 0x0A) {
      guard let row = try? JSONValue(parsing: Array(line)), let id = row["id"]?.string.flatMap(ThreadID.init)
      else {
        continue
      }
      rows[id] = row
    }
    self.rows = rows
  }

  /// A row as Codex writes it.
  public static func row(_ id: ThreadID, name: String, updatedAt: String) -> JSONValue {
    ["id": .string(id.text), "thread_name": .string(name), "updated_at": .string(updatedAt)]
  }
}
