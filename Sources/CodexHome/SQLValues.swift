import CanonicalJSON
import DurableFiles
import GRDB
import SystemPackage

extension JSONValue {
  /// A column's value as JSON.
  ///
  /// A blob, which Codex's tables do not have, reads as null, and so does an infinite number, which JSON has no word for.
  init(_ value: DatabaseValue) {
    switch value.storage {
    case .null, .blob: self = .null
    case .int64(let number): self = .integer(number)
    case .double(let number): self = number.isFinite ? .number("\(number)") : .null
    case .string(let text): self = .string(text)
    }
  }

  /// The value as a column takes it; objects and arrays as JSON text.
  var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .bool(let value): (value ? 1 : 0).databaseValue
    case .integer(let value): value.databaseValue
    case .number(let text): Double(text)?.databaseValue ?? text.databaseValue
    case .string(let text): text.databaseValue
    case .array, .object: String(decoding: bytes, as: UTF8.self).databaseValue
    }
  }

  /// A whole row, columns in table order.
  init(_ row: Row) {
    self = .object(row.map { Member($0.0, JSONValue($0.1)) })
  }
}

/// What a database said, without the statement it said it about.
func databaseReason(_ error: any Error) -> String {
  guard let error = error as? DatabaseError else { return "\(error)" }
  return error.message ?? "code \(error.resultCode.rawValue)"
}

/// The error for what a database, or copying it, threw.
func databaseError(_ path: FilePath, _ error: any Error) -> CodexHomeError {
  switch error {
  case let error as CodexHomeError: error
  case is StateDatabase.RowChanged: .databaseBusy(path)
  case let error as FileError: error.errno == .resourceBusy ? .databaseBusy(path) : .file(error)
  case let error as DatabaseError where error.resultCode == .SQLITE_BUSY: .databaseBusy(path)
  default: .database(path, reason: databaseReason(error))
  }
}
