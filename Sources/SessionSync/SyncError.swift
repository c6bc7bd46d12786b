import CodexHome
import DurableFiles
import Journal
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// Why a whole command failed.
///
/// What concerns one session only is a `Blocker` instead.
public enum SyncError: Error, Equatable, Sendable {
  /// The home cannot be used.
  case home(CodexHomeError)
  /// The package is refused, or cannot be written.
  case package(PackageError)
  /// The journal cannot be used, or an operation failed and was taken back.
  case journal(JournalError)
  /// The sidecar cannot be used.
  case sidecar(SidecarError)
  /// A rollout could not be read while it was packed or written.
  case rollout(RolloutError)
  /// A file operation failed.
  case file(FileError)
  /// The file system of this folder has less room than the work needs; both in bytes.
  case noSpace(FilePath, needed: Int64, free: Int64)
  /// Another run of this program works on the home.
  case anotherRun(FilePath)
  /// A crash left transactions open; `recover` settles them.
  case needsRecovery([String])
  /// What would be done is not what the given plan digest stands for.
  case planChanged(expected: String, found: String)
  /// Threads that a transaction wrote to are loaded by a running Codex; by which processes, where that can be seen.
  case busy([ThreadID], [RunningCodex.Process] = [])
  /// No thread of the home fits the selection.
  case nothingSelected
  /// There is no thread in the home at all.
  case noThreads
  /// A thread that was named is not in the home.
  case unknownThread(ThreadID)
  /// The transaction cannot be undone in its state.
  case notUndoable(String, Transaction.Status)
  /// What undoing the transaction needs was forgotten.
  case forgotten(String)
  /// Later transactions build on the one to be undone.
  case laterTransactions([String])
  /// There is no transaction that could be undone.
  case nothingToUndo
}

/// Runs work of a lower layer under this module's error type.
func lift<Result, Failure: Error>(
  _ wrap: (Failure) -> SyncError, _ body: () throws(Failure) -> Result
) throws(SyncError) -> Result {
  do throws(Failure) { return try body() } catch { throw wrap(error) }
}
