import DurableFiles
import SystemPackage

/// Why a rollout cannot be used.
public enum RolloutError: Error, Equatable, Sendable {
  /// The file cannot be read.
  case file(FileError)
  /// The compressed file is damaged; the reason is the library's.
  case compression(FilePath, reason: String)
  /// The file changed while it was read.
  case changed(FilePath)
  /// There is no `session_meta` with a thread id on the first line.
  case noSessionMeta(FilePath)
  /// The `session_meta` names another thread than the file name.
  case foreignID(FilePath, ThreadID)
  /// The base that a fork or segment refers to is not there.
  case missingBase(FilePath, rollout: ThreadID)
  /// The base is there, but the cut is no record boundary of it.
  case unfittingBase(FilePath, rollout: ThreadID)
  /// The file asks for more memory or disk than what it is explains.
  case overLimit(FilePath, RolloutLimits.Kind)
  /// Bases refer to each other in a circle.
  case circularBase(FilePath)
}
