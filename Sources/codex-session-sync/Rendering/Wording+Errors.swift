import CodexHome
import DurableFiles
import Journal
import Rollout
import SessionPackage
import SessionSync
import Sidecar
import SystemPackage

extension Failure {
  /// Words an error of the library: what was found, and what to do next.
  init(_ error: SyncError) {
    switch error {
    case .home(let error): self.init(error)
    case .package(let error): self.init(error)
    case .journal(let error): self.init(error)
    case .sidecar(let error): self.init(error)
    case .rollout(let error):
      let blocker = Wording.sentence(Blocker(error))
      self.init(
        code: "rollout", message: "A transcript cannot be used: \(blocker)",
        hint: "Nothing was changed. Try again when Codex is not writing.", status: .failed)
    case .file(let error): self.init(error)
    case .noSpace(let path, let needed, let free):
      self.init(
        code: "no_space",
        message: "\(Wording.bytes(needed)) are needed at \(path), and \(Wording.bytes(free)) are free.",
        hint: "Nothing was changed. Free some space and run the command again.", status: .failed)
    case .anotherRun(let path):
      self.init(
        code: "another_run", message: "Another run of codex-session-sync works on this home (\(path)).",
        hint: "Wait for it to end, or use --wait SECONDS.", status: .busy)
    case .needsRecovery(let ids):
      self.init(
        code: "needs_recovery",
        message:
          "A crash left \(ids.count == 1 ? "a transaction" : "transactions") unfinished: \(ids.joined(separator: ", "))",
        hint: "Run codex-session-sync recover.", status: .needsRecovery)
    case .planChanged(_, let found):
      self.init(
        code: "plan_changed", message: "The plan is not the one that was shown; it would be \(found)",
        hint: "Look at it again with a dry run, then execute with its digest.", status: .failed)
    case .busy(let threads, let processes):
      let holders = processes.map { " (\(Wording.sentence($0)))" }.joined()
      self.init(
        code: "busy",
        message: "Codex has these threads open: \(threads.map(\.text).joined(separator: ", "))\(holders)",
        hint: "Close them, or quit Codex, and try again.\(Wording.waysOut(of: processes))", status: .busy)
    case .nothingSelected:
      self.init(
        code: "nothing_selected", message: "No thread of this home fits the selection.",
        hint: "Try --all, or look for the folder in `codex resume --all`.", status: .failed)
    case .noThreads:
      self.init(
        code: "nothing_selected", message: "This home has no sessions yet.",
        hint: "Codex makes them. Check --codex-home.", status: .failed)
    case .unknownThread(let id):
      self.init(
        code: "unknown_thread", message: "There is no thread \(id) in this home.",
        hint: "log --all lists those that are. Check --codex-home.", status: .failed)
    case .notUndoable(let id, let status):
      self.init(
        code: "not_undoable", message: "Transaction \(id) cannot be undone: it is \(Wording.text(status)).",
        hint: "list-transactions shows what stands.", status: .failed)
    case .forgotten(let id):
      self.init(
        code: "forgotten", message: "What undoing transaction \(id) needs was forgotten.",
        hint: "gc removed it. Nothing was changed.", status: .failed)
    case .laterTransactions(let ids):
      self.init(
        code: "later_transactions", message: "Later transactions build on it: \(ids.joined(separator: ", "))",
        hint: "Undo those first, newest first, or all together with --cascade.", status: .failed)
    case .nothingToUndo:
      self.init(
        code: "nothing_to_undo", message: "There is no transaction to undo.",
        hint: "list-transactions shows what was done here.", status: .failed)
    }
  }

  private init(_ error: CodexHomeError) {
    switch error {
    case .file(let error): self.init(error)
    case .missing(let path):
      self.init(
        code: "no_home", message: "There is no Codex home at \(path).",
        hint: "Give it with --codex-home or CODEX_HOME, or start Codex once.", status: .failed)
    case .away(let paths):
      let which = paths.map(\.string).joined(separator: ", ")
      self.init(
        code: "disk_away", message: "Part of the home is on a disk that is away: \(which)",
        hint:
          "Nothing was changed. Connect the disk and run the command again. If what was there is gone for good, remove the link or the empty folder first.",
        status: .failed)
    case .notAHome(let path):
      self.init(
        code: "not_a_home", message: "\(path) does not look like a Codex home.",
        hint: "A home holds config.toml, sessions or state_5.sqlite. Give it with --codex-home.",
        status: .failed)
    case .config(let path, let defect):
      self.init(
        code: "config", message: "\(path), line \(defect.line), cannot be read: \(defect.reason)",
        hint: "Nothing was changed. Mend the line: Codex does not start with it either.", status: .failed)
    case .databaseBusy(let path):
      self.init(
        code: Failure.databaseBusy, message: "Somebody holds the database \(path).",
        hint: "Nothing was changed. Try again when Codex is not busy, or use --wait.", status: .busy)
    case .database(let path, let reason):
      self.init(
        code: "database", message: "The database \(path) refused: \(reason)",
        hint: Self.hint(ofRefusal: reason), status: .failed)
    }
  }

  private static func hint(ofRefusal reason: String) -> String {
    if reason.hasPrefix("read-only") {
      return "Nothing was changed. Check who owns the file, and its permissions."
    }
    if reason.hasPrefix("damaged") {
      return "Nothing was changed. Quit Codex, move the database away and start Codex: it makes a new one."
    }
    return "Nothing was changed. Try again when Codex is not running."
  }

  private init(_ error: JournalError) {
    switch error {
    case .file(let error): self.init(error)
    case .rows(let reason):
      self.init(
        code: "database", message: "The catalogue could not be written: \(reason)",
        hint: "What was done before was undone. Try again when Codex is not running.", status: .failed)
    case .rowsBusy:
      self.init(
        code: Failure.databaseBusy, message: "Somebody holds the catalogue.",
        hint: "What was done before was undone. Try again when Codex is not busy.", status: .busy)
    case .unknownTransaction(let id):
      self.init(
        code: "unknown_transaction", message: "There is no transaction \(id) in this home.",
        hint: "list-transactions shows the ids.", status: .failed)
    case .interrupted:
      self.init(
        code: "interrupted", message: "Interrupted.", hint: "What was done before was undone.",
        status: .interrupted)
    case .malformed(let path):
      self.init(
        code: "journal_damaged", message: "The journal's file \(path) cannot be read.",
        hint: "Restore it from a backup, or move its folder away to give up undoing that transaction.",
        status: .needsRecovery)
    case .conflict(let path):
      self.init(
        code: "conflict", message: "Something stands at \(path) that the plan did not find.",
        hint: "Nothing was changed. Look at it, then run the command again.", status: .failed)
    case .unsettled(let id, .rowsBusy):
      self.init(
        code: Failure.databaseBusy, message: "Somebody holds the catalogue; transaction \(id) is still open.",
        hint: "Run codex-session-sync recover when Codex is not busy, or with --wait.", status: .needsRecovery
      )
    case .unsettled(let id, let reason):
      self.init(
        code: "needs_recovery",
        message: "Transaction \(id) could neither be finished nor taken back. \(Failure(reason).message)",
        hint: "When that is mended, run codex-session-sync recover.", status: .needsRecovery)
    }
  }

  private init(_ error: SidecarError) {
    switch error {
    case .newer(let path):
      self.init(
        code: "sidecar_newer", message: "A newer codex-session-sync made \(path).",
        hint: "Install that version, or remove the file: deletions made here are then forgotten.",
        status: .failed)
    case .damaged(let path):
      self.init(
        code: "sidecar", message: "The sidecar \(path) is damaged.",
        hint: "Remove the file: what it knew is made anew, but for deletions made here.", status: .failed)
    case .busy(let path):
      self.init(
        code: "another_run", message: "Another run of codex-session-sync writes to \(path).",
        hint: "Wait for it to end, or use --wait SECONDS.", status: .busy)
    case .database(let path, let reason):
      self.init(
        code: "sidecar", message: "The sidecar \(path) refused: \(reason)",
        hint: "Remove the file: what it knew is made anew, but for deletions made here.", status: .failed)
    }
  }

  init(_ error: FileError) {
    let isFull = error.isNoSpace
    self.init(
      code: isFull ? "no_space" : "file",
      message: "Could not \(error.operation.words) \(error.path): \(error.errno)",
      hint: isFull ? "Free some space and run the command again." : "Check the path and its permissions.",
      status: .failed, file: error)
  }

  /// The same, with the side on which a file operation failed.
  func naming(_ places: [Place]) -> Failure {
    guard let file, let place = places.filter({ file.path.starts(with: $0.path) }).max() else { return self }
    var failure = self
    failure.message = "Could not \(file.operation.words) \(file.path) (\(place.words)): \(file.errno)"
    if file.isNoSpace, place.side == .scratch {
      failure.hint = "Set TMPDIR to a folder with more room, and run the command again."
    }
    return failure
  }
}

/// A folder or file that a command reads from or writes to.
struct Place: Comparable {
  enum Side { case home, package, target, scratch }

  let side: Side
  let path: FilePath

  /// What to call what lies there.
  fileprivate var words: String {
    switch side {
    case .home: "the Codex home"
    case .package: "the package that is read"
    case .target: "the package that is written, where --output says"
    case .scratch: "the temporary folder, TMPDIR"
    }
  }

  /// Of two that hold a file the inner one counts.
  static func < (left: Place, right: Place) -> Bool {
    left.path.components.count < right.path.components.count
  }
}

extension FileError.Operation {
  fileprivate var words: String {
    switch self {
    case .open, .read: "read"
    case .write, .sync, .truncate: "write"
    case .stat, .list: "look at"
    case .makeFolder: "make the folder"
    case .rename, .link: "put in place"
    case .remove: "remove"
    case .lock: "lock"
    }
  }
}
