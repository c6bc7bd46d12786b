import DurableFiles
import GRDB
import SystemPackage

/// Our own index of lineages, mappings and digests: `session-sync/sidecar.sqlite`.
///
/// Never the only place of a fact that the promise needs. What the journal tells can be made from the journal, what
/// the notes tell from the transcripts; only what is no longer there, a deleted thread's history, is told by the
/// notes alone.
public struct Sidecar: Sendable {
  let path: FilePath
  let database: DatabaseQueue

  /// Opens the sidecar for writing, making it where it is missing; a damaged one is made anew.
  ///
  /// To be called under the run's lock.
  public init(writing path: FilePath) throws(SidecarError) {
    self.path = path
    do throws(SidecarError) {
      database = try Self.open(path)
    } catch {
      // One that is only busy, or on a full disk, holds what nothing else remembers.
      guard case .damaged = error else { throw error }
      for suffix in ["", "-journal", "-wal", "-shm"] {
        try? DurableFile.remove(FilePath(path.string + suffix))
      }
      database = try Self.open(path)
    }
  }

  /// Opens the sidecar for reading, nil where there is none or it is damaged.
  ///
  /// Any other reason why it cannot be read is thrown: without it what the user deleted would come back.
  ///
  /// Leaves no trace, and is in nobody's way: what is read is a copy, made in `scratch`, an existing folder outside the
  /// home. A run that commits at this moment is waited for.
  public init?(reading path: FilePath, scratch: FilePath) throws(SidecarError) {
    self.path = path
    do {
      if try FileStamp.of(path) == nil { return nil }
      database = try Self.inMemory(copyOf: path, scratch)
      let (isComplete, isNewer) = try database.read { database in
        (
          try Schema.migrator.hasCompletedMigrations(database),
          try Schema.migrator.hasBeenSuperseded(database)
        )
      }
      if isNewer { throw SidecarError.newer(path) }
      // What an older version noted was seen all the same: what is missing since was deleted.
      if !isComplete { try Schema.migrator.migrate(database) }
    } catch {
      // Gone since it was looked for.
      if let error = error as? FileError, error.errno == .noSuchFileOrDirectory { return nil }
      let error = SidecarError(path, error)
      if case .damaged = error { return nil }
      throw error
    }
  }

  private init(path: FilePath, database: DatabaseQueue) {
    self.path = path
    self.database = database
  }

  /// An empty sidecar that is in no file.
  public static func inMemory() throws(SidecarError) -> Sidecar {
    let path = FilePath(":memory:")
    do {
      let queue = try DatabaseQueue()
      try Schema.migrator.migrate(queue)
      return Sidecar(path: path, database: queue)
    } catch {
      throw SidecarError(path, error)
    }
  }

  /// The same content in no file: to be changed without writing anything.
  public func inMemory() throws(SidecarError) -> Sidecar {
    do {
      return Sidecar(path: path, database: try Self.inMemory(copyOf: database))
    } catch {
      throw SidecarError(path, error)
    }
  }

  private static func inMemory(copyOf source: DatabaseQueue) throws -> DatabaseQueue {
    let queue = try DatabaseQueue()
    try source.backup(to: queue)
    return queue
  }

  private static func open(_ path: FilePath) throws(SidecarError) -> DatabaseQueue {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(5)
      // SQLite commits by removing a file, and only this setting flushes that: a power loss behind a run must not take
      // back what the run saw.
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = EXTRA") }
      // SQLite gives what it keeps beside the database the database's mode.
      if try FileStamp.of(path) == nil { _ = try FileWriter(creating: path) }
      let queue = try DatabaseQueue(path: path.string, configuration: configuration)
      if try queue.read({ try Schema.migrator.hasBeenSuperseded($0) }) { throw SidecarError.newer(path) }
      try Schema.migrator.migrate(queue)
      return queue
    } catch {
      throw SidecarError(path, error)
    }
  }

  private static func inMemory(copyOf path: FilePath, _ scratch: FilePath) throws -> DatabaseQueue {
    let folder = scratch.appending("sidecar-copy")
    defer { try? Folder.removeTree(folder) }
    try Folder.removeTree(folder)
    try Folder.createPrivate(folder)
    let copy = folder.appending("sidecar.sqlite")
    try DatabaseCopy.take(path, to: copy)
    return try inMemory(copyOf: DatabaseQueue(path: copy.string))
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(SidecarError) -> Value {
    do { return try database.read(body) } catch { throw SidecarError(path, error) }
  }

  func write(_ body: (Database) throws -> Void) throws(SidecarError) {
    do { try database.write(body) } catch { throw SidecarError(path, error) }
  }
}

extension SidecarError {
  /// The error for what a database threw.
  init(_ path: FilePath, _ error: any Error) {
    if let error = error as? SidecarError {
      self = error
    } else if let error = error as? FileError, error.errno == .resourceBusy {
      self = .busy(path)
    } else if let error = error as? DatabaseError, error.resultCode == .SQLITE_BUSY {
      self = .busy(path)
    } else if let error = error as? DatabaseError,
      [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
    {
      self = .damaged(path)
    } else if let error = error as? DatabaseError {
      self = .database(path, reason: error.message ?? "code \(error.resultCode.rawValue)")
    } else {
      self = .database(path, reason: "\(error)")
    }
  }
}

extension Database {
  /// Runs a statement that is run for each of many things: it is compiled once.
  func run(sql: String, arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}
