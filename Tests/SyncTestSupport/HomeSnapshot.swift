import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SystemPackage

/// All of a home that a person could miss: each file's bytes and times, each row of each table.
///
/// What the program keeps for itself, locks and what SQLite leaves beside a database are not part of it.
public struct HomeSnapshot: Equatable, CustomStringConvertible {
  /// One file.
  public struct File: Equatable {
    /// Its bytes.
    public let bytes: [UInt8]
    /// When it was last modified.
    public let modified: FileTime
    /// Its number; a file that is put back has another one.
    public let inode: UInt64
  }

  /// The files by their path in the home.
  public let files: [String: File]
  /// The folders.
  public let folders: Set<String>
  /// The rows of `threads` and `thread_dynamic_tools`, as text.
  public let rows: [String]

  /// Looks at a home.
  public init(_ home: HomeBuilder) throws { try self.init(of: home, without: []) }

  /// Looks at a home, but for some of its files and folders.
  public init(of home: HomeBuilder, without names: Set<String>) throws {
    var files: [String: File] = [:]
    var folders: Set<String> = []
    func walk(_ folder: FilePath, _ prefix: String) throws {
      for name in try Folder.names(in: folder) {
        let path = folder.appending(name)
        guard let stamp = try FileStamp.of(path) else { continue }
        if names.contains(name) || ["session-sync", "thread-writer-locks"].contains(name)
          || name.contains(".sqlite")
        {
          continue
        }
        if stamp.kind == .folder {
          folders.insert(prefix + name)
          try walk(path, "\(prefix)\(name)/")
        } else {
          files[prefix + name] = File(
            bytes: try FileReading.bytes(of: path, followingLinks: true), modified: stamp.modified,
            inode: stamp.inode)
        }
      }
    }
    try walk(home.root, "")
    self.files = files
    self.folders = folders
    guard try FileStamp.of(home.catalogue) != nil else {
      rows = []
      return
    }
    rows =
      try
      (home.query("SELECT * FROM threads ORDER BY id")
      + home.query("SELECT * FROM thread_dynamic_tools ORDER BY thread_id, position"))
      .map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// The same, but for what a copy cannot have: a file's number, and the time at which a line file was last written.
  public func hasSameContent(as other: HomeSnapshot) -> Bool {
    rows == other.rows && folders == other.folders && files.keys == other.files.keys
      && files.allSatisfy { name, file in
        file.bytes == other.files[name]?.bytes
          && (name == "session_index.jsonl" || file.modified == other.files[name]?.modified)
      }
  }

  /// What a failed test prints.
  public var description: String {
    let list = files.sorted { $0.key < $1.key }.map {
      "\($0.key) \($0.value.bytes.count) \($0.value.modified.seconds)"
    }
    return (list + rows).joined(separator: "\n")
  }
}
