import DurableFiles
import GRDB
import SystemPackage

/// Reads all rows of databases from copies, so that nothing is changed by looking.
///
/// The same bytes are read once only: most runs end in the same two states.
final class DatabaseReader {
  private let scratch: FilePath
  private var known: [[[UInt8]]: [String]] = [:]

  init(scratch: FilePath) { self.scratch = scratch }

  /// The rows of all tables of an undamaged database, as text; none where there is no such file.
  func rows(_ database: FilePath) throws -> [String] {
    guard try FileStamp.of(database) != nil else { return [] }
    let files = try ["", "-wal", "-journal"].map {
      try FileReading.bytesIfPresent(of: FilePath(database.string + $0)) ?? []
    }
    if let rows = known[files] { return rows }
    let folder = scratch.appending("database")
    try Folder.removeTree(folder)
    try Folder.create(folder)
    let copy = folder.appending("copy.sqlite")
    for (suffix, bytes) in zip(["", "-wal", "-journal"], files) where !bytes.isEmpty {
      try ScratchFile(creating: FilePath(copy.string + suffix)).write(bytes)
    }
    let queue = try DatabaseQueue(path: copy.string)
    let rows = try queue.read { database in
      let check = try String.fetchAll(database, sql: "PRAGMA integrity_check")
      guard check == ["ok"] else { throw Broken("the database is damaged: \(check)") }
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      return try tables.flatMap { table in
        try Row.fetchAll(database, sql: "SELECT * FROM \(table.quotedDatabaseIdentifier)")
          .map { "\(table) \($0)" }.sorted()
      }
    }
    try queue.close()
    known[files] = rows
    return rows
  }
}
