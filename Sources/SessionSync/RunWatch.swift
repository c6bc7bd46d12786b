import DurableFiles
import Journal
import SystemPackage

/// Whoever may end the process before a command is done, told of all that it leaves behind.
///
/// The library itself installs no handler of signals: the program does, and learns by this what it may say.
public protocol RunWatch: TransactionWatch {
  /// Something is being written that is no transaction.
  func did(_ deed: Deed)
  /// Runs a short step of which either all is done or nothing: the process does not end in its middle.
  func did<Failure: Error>(_ deed: Deed, by step: () throws(Failure) -> Void) throws(Failure)
  /// Something is written into a folder that is worth nothing until the command is done, and is to be removed with it.
  func willUse(_ scratch: ScratchFolder)
}

/// What a command leaves behind beside transactions.
public enum Deed: Sendable, Hashable {
  /// A package is whole.
  case package(FilePath)
  /// The sidecar is being made anew, which can be begun again.
  case sidecar
  /// What undoing needs is being removed, which can be begun again.
  case forgetting
}

extension Unwatched: RunWatch {
  /// Does nothing.
  public func did(_ deed: Deed) {}
  /// Runs the step.
  public func did<Failure: Error>(_ deed: Deed, by step: () throws(Failure) -> Void) throws(Failure) {
    try step()
  }
  /// Does nothing.
  public func willUse(_ scratch: ScratchFolder) {}
}
