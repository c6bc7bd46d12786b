import Journal
import Rollout

extension RollbackPlan {
  /// What becomes of one thread.
  public struct ThreadChange: Sendable, Hashable {
    /// What is done with it.
    public enum Effect: String, Sendable, CaseIterable {
      /// Its file leaves the home.
      case takenAway = "taken_away"
      /// Its file, which had been taken away, is there again.
      case broughtBack = "brought_back"
      /// Another form of its file is there again, as a compressed one.
      case putBack = "put_back"
      /// Records at its end go.
      case cutBack = "cut_back"
      /// Records at its end, which had been cut off, are there again.
      case lengthened
      /// Its file is in the folder again where it was.
      case movedBack = "moved_back"
      /// Only its row changes.
      case entryPutBack = "entry_put_back"
      /// Nothing of Codex's changes: it is no longer counted among the adopted ones.
      case released
      /// It stays as it is.
      case kept
      /// Nothing of it is there any more.
      case gone
    }

    /// The thread.
    public let thread: ThreadID
    /// What a person would call it; nil where nothing says.
    public let title: String?
    /// What is done with it.
    public let effect: Effect
    /// Why it stays; nil where it does not.
    public let reason: KeptThread.Reason?
    /// Those of the transactions that wrote to it, the oldest first.
    public let transactions: [String]
  }
}

extension RollbackPlan.ThreadChange {
  /// What the journal notes of it.
  var note: Transaction.Undoing {
    Transaction.Undoing(
      thread: thread.text, title: title?.journaled, transactions: transactions, reason: reason?.text)
  }
}
