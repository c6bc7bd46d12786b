import DurableFiles
import SystemPackage

/// Why a Codex home cannot be used.
public enum CodexHomeError: Error, Equatable, Sendable {
  /// A file operation failed.
  case file(FileError)
  /// There is no folder at this path.
  case missing(FilePath)
  /// The folder holds nothing that Codex puts into a home.
  case notAHome(FilePath)
  /// Links, or empty folders that rows of the catalogue name files in: the disk that they lie on is away.
  case away([FilePath])
  /// Codex's configuration cannot be read; Codex itself does not start with it.
  case config(FilePath, ConfigDefect)
  /// Somebody else held the database for too long.
  case databaseBusy(FilePath)
  /// The catalogue refused; the reason is the database's.
  case database(FilePath, reason: String)
}

func withFiles<Result>(_ body: () throws(FileError) -> Result) throws(CodexHomeError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}
