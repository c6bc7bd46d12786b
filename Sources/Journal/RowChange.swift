import CanonicalJSON

/// A row before and after: only the columns that change.
public struct RowChange: Sendable, Hashable {
  /// The table.
  public let table: String
  /// The columns, with values, that identify the row.
  public let key: JSONValue
  /// Columns before the change; nil where there was no row.
  public let before: JSONValue?
  /// Columns after the change; nil where there is no row any more.
  public let after: JSONValue?

  /// Creates a change.
  public init(table: String, key: JSONValue, before: JSONValue?, after: JSONValue?) {
    self.table = table
    self.key = key
    self.before = before
    self.after = after
  }

  /// The change that undoes this one.
  public var inverse: RowChange { RowChange(table: table, key: key, before: after, after: before) }

  /// A row that is there and stays as it is.
  ///
  /// It goes with a file that is put in place: whether there was a row before tells, when the file is taken away
  /// again, whose the row is.
  public static func witness(of row: Row) -> RowChange {
    RowChange(table: row.table, key: row.key, before: [:], after: [:])
  }

  /// Whether nothing changes.
  var isEmpty: Bool { before == after }

  /// Whether the change says no more than that the row was there.
  public var isWitness: Bool { isEmpty && before != nil }

  /// Which row a change is about.
  public struct Row: Hashable, Sendable {
    let table: String
    let key: JSONValue
  }

  /// The row.
  public var row: Row { Row(table: table, key: key) }

  /// Both changes of one row as one.
  ///
  /// A transaction changes each row once: whether it did is then told from the row alone. Of two changes the row
  /// shows only the second, and recovery would take the first for missing.
  func followed(by later: RowChange) -> RowChange {
    // What the later one finds in columns that this one did not touch was there before both.
    let before = before.map { Self.overlay($0, on: self.after == nil ? nil : later.before) }
    let after = later.after.map { Self.overlay($0, on: self.after) }
    return RowChange(table: table, key: key, before: before, after: after)
  }

  private static func overlay(_ columns: JSONValue, on other: JSONValue?) -> JSONValue {
    (columns.members ?? []).reduce(into: other ?? .object([])) { $0[$1.key] = $1.value }
  }
}
