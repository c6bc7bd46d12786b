import CanonicalJSON
import Journal
import Rollout
import SessionSync

/// Words for transactions, and for what became of them.
extension Wording {
  /// Which transaction: its time, what it was, and its id.
  static func name(_ transaction: Transaction) -> String {
    let package = transaction.details["package"]?["path"]?.string
    let what =
      package.map { " of \(HiddenText.shown($0))" }
      ?? (transaction.undoes.isEmpty ? "" : " of \(transaction.undoes.joined(separator: ", "))")
    return "\(transaction.id) (\(transaction.command)\(what), \(time(transaction)))"
  }

  /// When a transaction was begun.
  static func time(_ transaction: Transaction) -> String {
    transaction.createdAt.prefix(16).replacing("T", with: " ") + " UTC"
  }

  /// What it did to how many threads, and what became of that.
  static func what(_ transaction: Transaction) -> String {
    if !transaction.undoes.isEmpty { return "undoes \(transaction.undoes.joined(separator: ", "))" }
    let threads = transaction.threadFates
    let done = ["import", "append", "branch", "adopt"].compactMap { action -> String? in
      let count = threads.count { $0.action == action }
      return count == 0 ? nil : "\(count) \(action)"
    }
    let skills = transaction.details["skills"]?.array?.count ?? 0
    let undone = threads.count { $0.fate?.isUndone == true }
    let left = threads.count { $0.fate?.isUndone == false }
    let since = left > 0 ? "\(undone) undone, \(left) kept" : ""
    let all = done + (skills == 0 ? [] : ["\(skills) \(skills == 1 ? "skill" : "skills")"])
    return [all.joined(separator: ", "), since].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// What a later undoing did with a thread; nil where none met it.
  static func text(_ fate: Transaction.Fate?) -> String? {
    fate.map { $0.isUndone ? "undone by \($0.transaction)" : "kept by rollback \($0.transaction)" }
  }

  /// What an undoing does with a thread, and the colour of it.
  static func text(_ effect: RollbackPlan.ThreadChange.Effect, _ style: Style) -> String {
    switch effect {
    case .takenAway: style.yellow("taken away")
    case .broughtBack: style.green("brought back")
    case .putBack: style.yellow("put back")
    case .cutBack: style.yellow("cut back")
    case .lengthened: style.green("lengthened")
    case .movedBack: style.yellow("moved back")
    case .entryPutBack: style.yellow("entry put back")
    case .released: style.yellow("no longer adopted")
    case .kept: style.yellow("kept")
    case .gone: style.dim("gone already")
    }
  }
}
