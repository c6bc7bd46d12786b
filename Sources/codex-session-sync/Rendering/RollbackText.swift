import Journal
import Rollout
import SessionSync
import SystemPackage

/// What an undoing does, for people: which transaction, a thread a line, and what is next.
struct RollbackText {
  let plan: RollbackPlan
  let transaction: String?
  let style: Style
  /// The command that carries the plan out.
  let command: String
  /// The same, with a branch for the work on threads that went on.
  let keepingCommand: String
  /// Whether what can be made a branch of was.
  let keepsLocalWork: Bool
  /// Where this home has its skills.
  let skillFolder: FilePath
  /// Whether each operation is told too.
  let isVerbose: Bool

  func lines() -> [String] {
    var lines = plan.transactions.reversed().enumerated().map { index, transaction in
      (index == 0 ? header : "  and with it ") + Wording.name(transaction)
    }
    lines += plan.threads.filter { $0.effect != .kept }.map(line) + plan.branches.map(branch)
    lines += plan.kept.map(kept) + skills()
    if isVerbose, !plan.effects.isEmpty { lines += [""] + operations() }
    return lines + [""] + closing()
  }

  private var header: String {
    transaction != nil ? "Undoing " : plan.isEmpty ? "To be undone: " : "Would undo "
  }

  private func closing() -> [String] {
    let canBranch = plan.kept.filter(\.canBecomeBranch)
    let who =
      canBranch.count == 1 ? canBranch.first.map { name($0.thread) } ?? "" : "\(canBranch.count) threads"
    let branching = "with the work on \(who) kept as a branch: \(keepingCommand)"
    if let transaction {
      var lines = [
        "Undone\(plan.kept.isEmpty ? "" : " but for what was kept"), as transaction \(transaction)"
      ]
      if !canBranch.isEmpty { lines.append("Undo the rest, \(branching)") }
      return lines
    }
    if plan.isEmpty {
      return ["Nothing\(plan.chosen?.undoers.isEmpty == false ? " more" : "") can be undone."]
        + (canBranch.isEmpty ? [] : ["Undo it \(branching)"])
    }
    return ["Nothing changed yet. Carry it out: \(command)"]
      + (canBranch.isEmpty ? [] : ["Or \(branching)"])
  }

  private func line(_ change: RollbackPlan.ThreadChange) -> String {
    "\(Wording.text(change.effect, style)) \(name(change.thread))"
  }

  private func branch(_ branch: SessionPlan) -> String {
    let id = branch.localThreadID?.text ?? ""
    return "\(style.green("branch")) \(id), with the work on \(name(branch.threadID))"
  }

  private func kept(_ kept: RollbackPlan.KeptThread) -> String {
    let why =
      switch kept.reason {
      case .continued where isOfRowsAlone(kept.thread):
        "its conversation went on, with the entry that adopting mended"
      case .continued where keepsLocalWork: "its conversation went on, and cannot be kept as a branch"
      case .continued: "its conversation went on"
      case .isBaseOf(let thread): "thread \(name(thread)) was forked from it"
      case .holdsWorkOf(let thread): "it holds the work on thread \(name(thread)), which cannot be put back"
      case .changed: "its file was changed"
      }
    return "\(style.yellow("kept")) \(name(kept.thread)): \(why)"
  }

  /// The skills that go, come back or stay, each once for each of these.
  private func skills() -> [String] {
    var lines: [String] = []
    for effect in plan.effects where effect.thread == nil {
      guard let path = effect.path, let name = skill(of: FilePath(path)) else { continue }
      let line =
        switch (effect.operation, effect.action) {
        case ("place_file", .undone): "\(style.yellow("taken away")) skill \(name)"
        case ("take_file", .undone): "\(style.green("brought back")) skill \(name)"
        case ("place_file", .kept): "\(style.yellow("kept")) skill \(name): a file of it was changed"
        default: ""
        }
      if !line.isEmpty, !lines.contains(line) { lines.append(line) }
    }
    return lines
  }

  private func skill(of path: FilePath) -> String? {
    var inner = path
    guard inner.removePrefix(skillFolder), let name = inner.components.first else { return nil }
    return HiddenText.shown(name.string)
  }

  /// Whether no file of a thread was to be changed.
  private func isOfRowsAlone(_ thread: ThreadID) -> Bool {
    plan.effects.filter { $0.thread == thread }.allSatisfy { $0.row != nil }
  }

  private func name(_ thread: ThreadID) -> String {
    guard let title = plan.titles[thread] else { return thread.text }
    return "\(DisplayWidth.fit(title: title, 40)) (\(thread))"
  }

  private func operations() -> [String] {
    var table = Table(["OPERATION", transaction == nil && !plan.isEmpty ? "WOULD BE" : "WAS", "WHERE"])
    for effect in plan.effects {
      let reason = effect.reason.map { " (\($0))" } ?? ""
      table.add([
        .init(effect.operation), .init(effect.action.rawValue),
        .init((effect.path ?? effect.row ?? "") + reason),
      ])
    }
    return table.lines(style)
  }
}
