import CanonicalJSON
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// What undoing a transaction, and those that have to go with it, would do.
public struct RollbackPlan: Sendable {
  /// What becomes of one operation of a transaction.
  public struct Effect: Sendable, Hashable {
    /// Whether it is taken back.
    public enum Action: String, Sendable {
      /// It is taken back.
      case undone
      /// It stays, because somebody built on it or changed it.
      case kept
      /// It is gone already.
      case gone
    }
    /// What was done: the journal's word for the operation.
    public let operation: String
    /// The file it was done to; nil for a row.
    public let path: String?
    /// The row it was done to, as table and key; nil for a file.
    public let row: String?
    /// What becomes of it.
    public let action: Action
    /// Why it is kept.
    public let reason: String?

    /// The thread whose rollout or row it is; nil where it is no thread's.
    public var thread: ThreadID? {
      if let path { return FilePath(path).rolloutName?.thread }
      let key = row?.drop { $0 != "{" } ?? ""
      return (try? JSONValue(parsing: Array(key.utf8)))?["id"]?.string.flatMap(ThreadID.init)
    }
  }

  /// A thread that stays although the transaction wrote it.
  public struct KeptThread: Sendable, Hashable {
    /// Why a thread stays.
    public enum Reason: Sendable, Hashable {
      /// Its conversation went on from the delivered records.
      case continued
      /// Another rollout goes on from bytes that would be removed.
      case isBaseOf(ThreadID)
      /// It is the branch that keeps the work on a thread which cannot be put back.
      case holdsWorkOf(ThreadID)
      /// The file is not what the transaction left.
      case changed
    }
    /// The thread.
    public let thread: ThreadID
    /// Its rollout.
    public let path: FilePath
    /// Why it stays.
    public let reason: Reason
    /// Whether its work can be kept as a branch, so that it need not stay.
    public internal(set) var canBecomeBranch = false
    /// Where in the file begins what would be removed, if the work behind it could be kept elsewhere.
    var start: Int64?
  }

  /// The transactions to be undone, the newest first; the last is the one that was chosen.
  public let transactions: [Transaction]
  /// What becomes of each thread that they wrote to, in the order they did.
  public let threads: [ThreadChange]
  /// Their operations, last first, but those that were undone before.
  public let effects: [Effect]
  /// Threads that stay.
  public let kept: [KeptThread]
  /// Threads that are made first, each of one whose work would else go along with what is undone.
  public let branches: [SessionPlan]
  /// What of the home could not be looked into.
  public let homeWarnings: [HomeWarning]
  /// What a person would call the threads that are spoken of, as far as anything says.
  public let titles: [ThreadID: String]
  /// What is to be carried out.
  let steps: [Step]

  /// One operation of the undoing transaction, its content still where it is.
  ///
  /// `at` is where a file will be when its turn comes, `now` where it is while the content is gathered: moves are
  /// undone in between.
  enum Step: Sendable {
    /// Takes a file out of the home.
    case take(at: FilePath, now: FilePath)
    /// Cuts a file back to a length, and gives it the modification time that it had with it.
    case cut(at: FilePath, now: FilePath, to: Int64, modified: FileTime)
    /// Puts back what a transaction keeps in its folder.
    case restore(FilePath, Operation.Content, from: FilePath)
    /// Appends again what a transaction cut off.
    case append(FilePath, extent: Operation.Extent, from: FilePath)
    /// Anything that needs no content.
    case plain(Operation)
  }

  /// The rows that undoing would write.
  var rows: [RowChange] {
    let undone = steps.compactMap { if case .plain(.row(let change)) = $0 { change } else { nil } }
    return branches.compactMap(\.write).flatMap(\.rows) + undone
  }
  /// The transaction that was chosen.
  public var chosen: Transaction? { transactions.last }

  /// Whether undoing would change anything.
  ///
  /// What changed nothing but the sidecar is undone by saying so.
  public var isEmpty: Bool { !effects.isEmpty && !effects.contains { $0.action == .undone } }
}

extension RollbackPlan.KeptThread.Reason {
  /// A stable word, with a value where one helps.
  public var text: String {
    switch self {
    case .continued: "continued"
    case .isBaseOf(let thread): "base_of: \(thread)"
    case .holdsWorkOf(let thread): "holds_work_of: \(thread)"
    case .changed: "changed"
    }
  }
}
