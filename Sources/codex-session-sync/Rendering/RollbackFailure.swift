import CodexHome
import Journal
import Rollout
import SessionSync

/// Why a rollback is refused, with the transactions and threads by name.
struct RollbackFailure {
  let home: CodexHome
  let choice: Rollback.Choice
  /// What a command needs to find these homes again.
  let homes: String

  func failure(_ error: SyncError) -> Failure {
    var failure = Failure(error)
    guard let all = try? TransactionLog(home: home).list() else { return failure }
    func name(_ id: String) -> String { all.first { $0.id == id }.map(Wording.name) ?? id }
    switch error {
    case .laterTransactions(let ids):
      failure.message = "Later transactions build on it: \(ids.map(name).joined(separator: "; "))"
      if let chosen = chosen(all) {
        failure.hint =
          "Undo those first, newest first, or all together: codex-session-sync rollback --transaction-id "
          + "\(chosen.id) --cascade\(homes)"
      }
    case .notUndoable(let id, .rolledBack):
      let undoer = all.first { $0.id == id }?.undoneBy
      failure.message = "Transaction \(name(id)) is rolled back already\(undoer.map { ", by \($0)" } ?? "")."
      if let undoer {
        failure.hint =
          "To have it back: codex-session-sync rollback --transaction-id \(undoer)\(homes)"
      }
    case .busy(let threads, let processes):
      let titles =
        chosen(all).map { Dictionary($0.threadFates.map { ($0.thread, $0.title) }) { $1 ?? $0 } } ?? [:]
      let names = threads.map { thread in
        (titles[thread.text] ?? nil).map { "\(DisplayWidth.fit(title: $0, 40)) (\(thread))" } ?? thread.text
      }
      let holders = processes.map { " (\(Wording.sentence($0)))" }.joined()
      failure.message = "Codex has these threads open: \(names.joined(separator: ", "))\(holders)"
    case .forgotten(let id):
      failure.message = "What undoing transaction \(name(id)) needs was forgotten by gc."
      failure.hint = "Nothing was changed. It cannot be undone any more."
    default: break
    }
    return failure
  }

  private func chosen(_ all: [Transaction]) -> Transaction? {
    switch choice {
    case .latest: all.first { $0.stands && $0.undoes.isEmpty }
    case .id(let id): all.first { $0.id == id }
    }
  }
}
