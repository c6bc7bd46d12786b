import DurableFiles
import GRDB
import SystemPackage

/// A database of Codex's as it was at one moment, read without leaving a trace beside it.
enum CopiedDatabase {
  /// Reads a copy.
  ///
  /// - Parameter scratch: an existing folder for the copy, outside the home; it is removed again.
  static func read<Value>(
    _ path: FilePath, scratch: FilePath, _ body: (Database) throws -> Value
  ) throws -> Value {
    let folder = scratch.appending("database-copy")
    defer { try? Folder.removeTree(folder) }
    let queue = try open(path, folder)
    let value = try queue.read(body)
    try queue.close()
    return value
  }

  /// Opens a copy that stays in `folder`.
  static func open(_ path: FilePath, _ folder: FilePath) throws -> DatabaseQueue {
    try Folder.removeTree(folder)
    try Folder.createPrivate(folder)
    let copy = folder.appending("copy.sqlite")
    try DatabaseCopy.take(path, to: copy)
    return try DatabaseQueue(path: copy.string)
  }
}
