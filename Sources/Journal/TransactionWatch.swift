import SystemPackage

/// Whoever may end the process before a command is done: told where its transaction stands, so that what is left is
/// known, and asked whether to go on.
///
/// A call that does not return holds the command where it is. All are made from the thread that runs the command.
public protocol TransactionWatch: Sendable {
  /// Content is gathered in a folder of the journal, which is worth nothing until the transaction begins.
  func willStage(in folder: FilePath)
  /// From here on, until it ends, the transaction is open: were the process to end, recovery would settle it.
  func willBegin(_ transaction: String)
  /// The transaction is committed or abandoned; or, with another status, still open.
  func didEnd(_ transaction: String, _ status: Transaction.Status)
  /// Whether the transaction is to be taken back instead of carried on; asked between its operations.
  var isStopped: Bool { get }
}

/// Nobody, for commands that end when they are done.
public struct Unwatched: TransactionWatch {
  /// Creates it.
  public init() {}
  /// Does nothing.
  public func willStage(in folder: FilePath) {}
  /// Does nothing.
  public func willBegin(_ transaction: String) {}
  /// Does nothing.
  public func didEnd(_ transaction: String, _ status: Transaction.Status) {}
  /// False.
  public var isStopped: Bool { false }
}
