import DurableFiles
import GRDB
import SystemPackage

/// Reads a live database without leaving a trace.
///
/// Opening it for reading writes `-shm` and `-wal` beside it and fails where that is impossible; opening it as immutable
/// misses the rows that are only in its write-ahead log. So both files are copied aside, and the copy is read.
enum DatabaseCopy {
  /// Reads a copy.
  ///
  /// - Parameter scratch: an existing folder for the copy, outside the home; it is removed again.
  static func read<Value>(
    _ path: FilePath, scratch: FilePath, _ body: (Database) throws -> Value
  ) throws -> Value {
    let folder = scratch.appending("database-copy")
    defer { try? Folder.removeTree(folder) }
    try Folder.removeTree(folder)
    try Folder.create(folder)
    let copy = folder.appending("copy.sqlite")
    try self.copy(path, to: copy)
    let queue = try DatabaseQueue(path: copy.string)
    let value = try queue.read(body)
    try queue.close()
    return value
  }

  /// Copies database and write-ahead log until neither changed meanwhile.
  private static func copy(_ path: FilePath, to target: FilePath) throws(FileError) {
    let log = FilePath(path.string + "-wal")
    let targetLog = FilePath(target.string + "-wal")
    for attempt in 1...5 {
      let before = (try FileStamp.of(path), try FileStamp.of(log))
      // What an earlier attempt copied belongs to another moment.
      for old in [target, targetLog] { try DurableFile.remove(old) }
      try ScratchFile.copy(path, to: target)
      if before.1 != nil { try ScratchFile.copy(log, to: targetLog) }
      let after = (try FileStamp.of(path), try FileStamp.of(log))
      if before == after { return }
      if attempt == 5 { throw FileError(.read, path, .resourceBusy) }
    }
  }
}
