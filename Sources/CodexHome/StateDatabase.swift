import CanonicalJSON
import DurableFiles
import GRDB
import SystemPackage

extension Configuration {
  /// For writing to databases of Codex: what is committed is on disk.
  ///
  /// Without a write-ahead log SQLite commits by removing a file, and only the setting `EXTRA` flushes that. The
  /// setting is the connection's own, not the database's.
  static var writing: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = EXTRA") }
    return configuration
  }
}

/// The live catalogue, for writing.
///
/// It is never created, and no persistent setting of it is touched: a schema without Codex's own migrations
/// stops Codex from starting (0.133.0 to 0.163.0).
public struct StateDatabase {
  /// One row before and after; only the columns that change.
  public struct Edit: Sendable, Hashable {
    /// The table.
    public let table: String
    /// The columns that identify the row.
    public let key: JSONValue
    /// Columns before; nil where there was no row.
    public let before: JSONValue?
    /// Columns after; nil where the row goes.
    public let after: JSONValue?

    /// Creates an edit.
    public init(table: String, key: JSONValue, before: JSONValue?, after: JSONValue?) {
      self.table = table
      self.key = key
      self.before = before
      self.after = after
    }
  }

  /// What is there of an edit.
  public enum State: Sendable { case before, after, other }

  let path: FilePath
  let queue: DatabaseQueue

  /// Opens an existing catalogue.
  public init(_ path: FilePath) throws(CodexHomeError) {
    guard try withFiles({ () throws(FileError) in try FileStamp.of(path)?.kind == .file }) else {
      throw .missing(path)
    }
    do {
      queue = try DatabaseQueue(path: path.string, configuration: .writing)
    } catch {
      throw databaseError(path, error)
    }
    self.path = path
  }

  /// Opens a copy of a catalogue, to look at it without writing anything beside it, and to try edits on.
  ///
  /// - Parameters:
  ///   - path: the catalogue.
  ///   - scratch: an existing folder outside the home, in which the copy stays.
  public init(copying path: FilePath, scratch: FilePath) throws(CodexHomeError) {
    do {
      queue = try CopiedDatabase.open(path, scratch.appending("catalogue-copy"))
    } catch {
      throw databaseError(path, error)
    }
    self.path = path
  }

  /// Makes all edits in one database transaction, or none.
  ///
  /// An edit whose row is not as `before` says is refused: `.databaseBusy`.
  public func apply(_ edits: [Edit]) throws(CodexHomeError) {
    if edits.isEmpty { return }
    do {
      try queue.write { database in
        for edit in edits { try Self.apply(edit, database) }
      }
    } catch {
      throw databaseError(path, error)
    }
  }

  /// Reads in one transaction.
  func reading<Value>(_ body: (Database) throws -> Value) throws(CodexHomeError) -> Value {
    do { return try queue.read(body) } catch { throw databaseError(path, error) }
  }

  /// Says what is there of an edit.
  public func state(of edit: Edit) throws(CodexHomeError) -> State {
    try reading { database in
      let (condition, arguments) = Self.condition(edit.key)
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM \(edit.table.quotedDatabaseIdentifier) WHERE \(condition)",
        arguments: arguments)
      if Self.matches(row, edit.after) { return .after }
      return Self.matches(row, edit.before) ? .before : .other
    }
  }

  /// The row that a key names, whole; nil where there is none.
  public func row(table: String, key: JSONValue) throws(CodexHomeError) -> JSONValue? {
    try reading { database in
      let (condition, arguments) = Self.condition(key)
      let sql = "SELECT * FROM \(table.quotedDatabaseIdentifier) WHERE \(condition)"
      return try Row.fetchOne(database, sql: sql, arguments: arguments).map { JSONValue($0) }
    }
  }

  /// Somebody wrote to a row since it was looked at.
  struct RowChanged: Error {}

  /// Columns that Codex moves on at any moment, whatever is done to a thread: they are in nobody's way.
  private static let moving: Set = ["updated_at", "updated_at_ms", "recency_at", "recency_at_ms"]

  /// Tries edits, all in one transaction that is taken back.
  ///
  /// A row that somebody changed in the meantime is not tried: that passes.
  func rehearse(_ edits: [Edit]) throws(CodexHomeError) {
    do {
      try queue.inTransaction { database in
        for edit in edits {
          do { try Self.apply(edit, database) } catch is RowChanged {}
        }
        return .rollback
      }
    } catch {
      throw databaseError(path, error)
    }
  }

  private static func apply(_ edit: Edit, _ database: Database) throws {
    let table = edit.table.quotedDatabaseIdentifier
    switch (edit.before, edit.after) {
    case (nil, let after?):
      // Codex may have found the new file and made a row of its own in the meantime: that one is completed.
      let columns = (after.members ?? []).map(\.key.quotedDatabaseIdentifier)
      let keys = (edit.key.members ?? []).map(\.key.quotedDatabaseIdentifier)
      let sql = """
        INSERT INTO \(table) (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (\(keys.joined(separator: ", "))) DO UPDATE
        SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        """
      try database.execute(
        sql: sql, arguments: StatementArguments((after.members ?? []).map(\.value.databaseValue)))
    case (let before?, nil):
      let (condition, arguments) = Self.condition(edit.key, lasting(before))
      try database.execute(sql: "DELETE FROM \(table) WHERE \(condition)", arguments: arguments)
      guard database.changesCount == 1 else { throw RowChanged() }
    case (let before?, let after?):
      let members = after.members ?? []
      if members.isEmpty { return }
      let assignments = members.map { "\($0.key.quotedDatabaseIdentifier) = ?" }.joined(separator: ", ")
      let (condition, arguments) = Self.condition(edit.key, lasting(before))
      try database.execute(
        sql: "UPDATE \(table) SET \(assignments) WHERE \(condition)",
        arguments: StatementArguments(members.map(\.value.databaseValue)) + arguments)
      guard database.changesCount == 1 else { throw RowChanged() }
    case (nil, nil): break
    }
  }

  private static func condition(_ parts: JSONValue...) -> (String, StatementArguments) {
    let members = parts.flatMap { $0.members ?? [] }
    return (
      members.map { "\($0.key.quotedDatabaseIdentifier) IS ?" }.joined(separator: " AND "),
      StatementArguments(members.map(\.value.databaseValue))
    )
  }

  private static func lasting(_ columns: JSONValue) -> JSONValue {
    .object((columns.members ?? []).filter { !moving.contains($0.key) })
  }

  private static func matches(_ row: Row?, _ columns: JSONValue?) -> Bool {
    guard let row, let columns else { return row == nil && columns == nil }
    return (columns.members ?? []).allSatisfy { member in
      row.hasColumn(member.key) && (row[member.key] as DatabaseValue) == member.value.databaseValue
    }
  }
}
