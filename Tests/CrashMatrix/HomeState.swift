import DurableFiles
import Glibc
import SystemPackage

/// All of a user's home folder that is not the program's own: every file with its bytes, time and permissions, every
/// folder, every row of every table.
///
/// Left out: the program's own folder, which `JournalState` looks at; Codex's lock files, which stay behind when
/// whoever held them dies, and which Codex removes; the modification times of `session_index.jsonl` and of skills, which
/// are those of the writing; the order of the lines of that index.
struct HomeState: Equatable {
  struct File: Equatable {
    let bytes: [UInt8]
    let modified: FileTime
    let mode: mode_t
  }

  private(set) var files: [String: File] = [:]
  private(set) var folders: [String: mode_t] = [:]
  /// The rows of the catalogue.
  let rows: [String]
  /// What Codex derived from rollouts; dropped rows are made again, so undoing need not bring them back.
  let derived: [String]

  /// Looks at a home.
  init(_ user: FilePath, _ databases: DatabaseReader) throws {
    rows = try databases.rows(user.pushing(FilePath(Self.home + "state_5.sqlite")))
    derived = try databases.rows(user.pushing(FilePath(Self.home + "thread_history_1.sqlite")))
    try walk(user, "")
  }

  private static let home = ".codex/"
  private static let index = "session_index.jsonl"
  private static let timeless = [index, "skills/"]

  /// The lines in one order: a session that came later than the others has its line behind theirs.
  private static func sorted(_ bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return Array(lines.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [0x0A]))
  }

  private mutating func walk(_ folder: FilePath, _ prefix: String) throws {
    for name in try Folder.names(in: folder) {
      let path = folder.appending(name)
      guard let stamp = try FileStamp.of(path) else { continue }
      let isOwn = ["session-sync", "thread-writer-locks"].contains(name) || Self.isDatabase(name)
      if prefix == Self.home, isOwn { continue }
      if stamp.kind == .folder {
        folders[prefix + name] = try Tree.mode(path)
        try walk(path, "\(prefix)\(name)/")
      } else {
        let isTimeless = Self.timeless.contains { (prefix + name).hasPrefix(Self.home + $0) }
        let bytes = try FileReading.bytes(of: path)
        files[prefix + name] = File(
          bytes: name == Self.index ? Self.sorted(bytes) : bytes,
          modified: isTimeless ? FileTime(seconds: 0, nanoseconds: 0) : stamp.modified,
          mode: try Tree.mode(path))
      }
    }
  }

  private static func isDatabase(_ name: String) -> Bool {
    ["state_5.sqlite", "thread_history_1.sqlite"].contains { base in
      ["", "-wal", "-shm", "-journal"].contains { name == base + $0 }
    }
  }

  static func == (one: HomeState, other: HomeState) -> Bool {
    one.files == other.files && one.folders == other.folders && one.rows == other.rows
      && one.derived == other.derived
  }

  /// The same, but that what Codex derived may be what it is in `third`.
  func equals(_ other: HomeState, derivedFrom third: HomeState) -> Bool {
    files == other.files && folders == other.folders && rows == other.rows
      && (derived == other.derived || derived == third.derived)
  }

  /// What is not as in another state, in a few words.
  func difference(from other: HomeState) -> String {
    var words: [String] = []
    for name in Set(files.keys).union(other.files.keys).sorted() where files[name] != other.files[name] {
      switch (files[name], other.files[name]) {
      case (let here?, let there?):
        let what =
          here.bytes != there.bytes
          ? "\(here.bytes.count) bytes for \(there.bytes.count)" : here.mode != there.mode ? "mode" : "time"
        words.append("\(name): \(what)")
      case (nil, _): words.append("\(name): missing")
      default: words.append("\(name): too much")
      }
    }
    for name in Set(folders.keys).symmetricDifference(other.folders.keys).sorted() {
      words.append("\(name)/: \(folders[name] == nil ? "missing" : "too much")")
    }
    for row in Set(rows).symmetricDifference(other.rows).sorted() {
      words.append((rows.contains(row) ? "row too much: " : "row missing: ") + row.prefix(160))
    }
    if derived != other.derived { words.append("derived rows differ") }
    return words.joined(separator: "; ")
  }
}

/// A promise that was not kept.
struct Broken: Error {
  let what: String
  init(_ what: String) { self.what = what }
}
