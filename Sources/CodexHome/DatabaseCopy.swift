import DurableFiles
import GRDB
import SystemPackage

/// Reads a live database without leaving a trace.
///
/// Opening it for reading writes `-shm` and `-wal` beside it and fails where that is impossible; opening it as immutable
/// misses the rows that are only in its write-ahead log, and takes for committed what a rollback journal beside it says
/// is not. So all are copied aside, and the copy is read.
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
    try Folder.createPrivate(folder)
    let copy = folder.appending("copy.sqlite")
    try self.copy(path, to: copy)
    let queue = try DatabaseQueue(path: copy.string)
    let value = try queue.read(body)
    try queue.close()
    return value
  }

  /// Copies the database and what SQLite keeps beside it until nothing changed meanwhile.
  private static func copy(_ path: FilePath, to target: FilePath) throws(FileError) {
    for _ in 1...5 {
      let before = try stamps(path)
      do throws(FileError) {
        for (suffix, stamp) in zip(suffixes, before) {
          let file = FilePath(target.string + suffix)
          // What an earlier attempt copied belongs to another moment.
          try DurableFile.remove(file)
          if stamp != nil { try ScratchFile.copy(FilePath(path.string + suffix), to: file) }
        }
      } catch {
        // SQLite removes a journal when it is done with it.
        if error.errno != .noSuchFileOrDirectory { throw error }
      }
      if try stamps(path) == before { return }
    }
    throw FileError(.read, path, .resourceBusy)
  }

  private static let suffixes = ["", "-wal", "-journal"]

  private static func stamps(_ path: FilePath) throws(FileError) -> [FileStamp?] {
    var stamps: [FileStamp?] = []
    for suffix in suffixes { stamps.append(try FileStamp.of(FilePath(path.string + suffix))) }
    return stamps
  }
}
