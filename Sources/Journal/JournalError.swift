import DurableFiles
import SystemPackage

/// Why the journal cannot do what was asked.
public indirect enum JournalError: Error, Equatable, Sendable {
  /// A file operation failed.
  case file(FileError)
  /// The store of rows refused; the reason is the database's.
  case rows(String)
  /// Somebody else held the store of rows for too long.
  case rowsBusy
  /// There is no such transaction.
  case unknownTransaction(String)
  /// A file of the journal cannot be read.
  case malformed(FilePath)
  /// Something stands where an operation needs a free place, or is not as the plan found it.
  case conflict(FilePath)
  /// The command was told to stop, and what it had done was taken back.
  case interrupted
  /// A transaction failed for this reason, and could not be taken back either: recovery has to settle it.
  case unsettled(String, JournalError)
}

/// Runs file work under this module's error type.
func withFiles<Result>(_ body: () throws(FileError) -> Result) throws(JournalError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}
