import DurableFiles
import Rollout
import SessionPackage

/// Why a thread cannot be packed: for what is in the home, or for where the package is written.
enum PackingError: Error {
  case rollout(RolloutError)
  case writing(FileError)

  var asSyncError: SyncError {
    switch self {
    case .rollout(let error): .rollout(error)
    case .writing(let error): .package(.file(error))
    }
  }
}
