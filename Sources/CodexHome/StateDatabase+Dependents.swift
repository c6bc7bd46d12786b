import CanonicalJSON
import GRDB

extension StateDatabase {
  /// A row of another table that goes when a row of `threads` does.
  public struct Dependent: Sendable, Hashable {
    /// The table.
    public let table: String
    /// The columns that identify the row.
    public let key: JSONValue
    /// The row.
    public let row: JSONValue
  }

  /// The rows that a thread's deletion takes along: its tools, attachments and reviews (0.163.0), by the foreign keys that
  /// the tables declare.
  ///
  /// A row that holds a blob is left out: JSON has no word for it.
  public func dependents(ofThread id: String) throws(CodexHomeError) -> [Dependent] {
    do {
      return try queue.read { database in
        let tables = try String.fetchAll(
          database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return try tables.flatMap { try Self.dependents(ofThread: id, in: $0, database) }
      }
    } catch {
      throw databaseError(path, error)
    }
  }

  /// A row without what it names in other tables and is not there any more, as a section of the list that was removed:
  /// SQLite would refuse it (0.163.0).
  public func withoutDanglingReferences(_ row: JSONValue, in table: String) throws(CodexHomeError)
    -> JSONValue
  {
    do {
      return try queue.read { database in
        var row = row
        let keys = try Row.fetchAll(
          database,
          sql: #"SELECT "from", "table" FROM pragma_foreign_key_list(?) WHERE on_delete = 'SET NULL'"#,
          arguments: [table])
        for key in keys {
          let (column, target): (String, String) = (key[0], key[1])
          guard let value = row[column], value != .null,
            let identifier = try database.primaryKey(target).columns.first
          else { continue }
          let sql =
            "SELECT EXISTS (SELECT 1 FROM \(target.quotedDatabaseIdentifier) "
            + "WHERE \(identifier.quotedDatabaseIdentifier) = ?)"
          let isThere = try Bool.fetchOne(database, sql: sql, arguments: [value.databaseValue])
          if isThere == false { row[column] = .null }
        }
        return row
      }
    } catch {
      throw databaseError(path, error)
    }
  }

  private static func dependents(
    ofThread id: String, in table: String, _ database: Database
  ) throws -> [Dependent] {
    let keys = try Row.fetchAll(
      database,
      sql:
        #"SELECT "from" FROM pragma_foreign_key_list(?) WHERE "table" = 'threads' AND on_delete = 'CASCADE'"#,
      arguments: [table])
    let primary = try database.primaryKey(table).columns
    return try keys.flatMap { key -> [Dependent] in
      let column: String = key[0]
      let sql =
        "SELECT * FROM \(table.quotedDatabaseIdentifier) WHERE \(column.quotedDatabaseIdentifier) = ?"
      return try Row.fetchAll(database, sql: sql, arguments: [id]).compactMap { row in
        if row.databaseValues.contains(where: { if case .blob = $0.storage { true } else { false } }) {
          return nil
        }
        let content = JSONValue(row)
        let key = primary.map { JSONValue.Member($0, content[$0] ?? .null) }
        return Dependent(table: table, key: .object(key), row: content)
      }
    }
  }
}
