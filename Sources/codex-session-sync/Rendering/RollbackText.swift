import CanonicalJSON
import Journal
import Rollout
import SessionSync

/// What an undoing does, for people: a thread a line, and before it is done each operation.
struct RollbackText {
  let plan: RollbackPlan
  let transaction: String?
  let style: Style
  /// The command that carries the plan out.
  let command: String
  /// Whether what can be made a branch of was.
  let keepsLocalWork: Bool

  func lines() -> [String] {
    var lines = threads.map(line) + plan.branches.map(branch) + plan.kept.map(kept)
    if transaction == nil, !plan.effects.isEmpty { lines += [""] + operations() }
    if !lines.isEmpty { lines.append("") }
    if let transaction {
      lines.append("Undone, as transaction \(transaction)")
    } else if plan.isEmpty {
      lines.append("Nothing can be undone.")
    } else {
      lines += ["Nothing changed yet. Carry it out: \(command)"]
    }
    return lines
  }

  /// The threads that something is done to, in the order of the operations, but those that stay.
  private var threads: [ThreadID] {
    let staying = Set(plan.kept.map(\.thread))
    return plan.effects.reduce(into: [ThreadID]()) { found, effect in
      guard let thread = effect.thread, !staying.contains(thread), !found.contains(thread) else {
        return
      }
      found.append(thread)
    }
  }

  private func line(_ thread: ThreadID) -> String {
    let effects = plan.effects.filter { $0.thread == thread }
    let undone = Set(effects.filter { $0.action == .undone }.map(\.operation))
    let what =
      if undone.isSuperset(of: ["place_file", "take_file"]) {
        style.yellow("put back")
      } else if undone.contains("place_file") {
        style.yellow("taken away")
      } else if undone.contains("take_file") {
        style.green("brought back")
      } else if undone.contains("append") {
        style.yellow("cut back")
      } else if undone.contains("cut") {
        style.green("lengthened")
      } else if undone.contains("move_file") {
        style.yellow("moved back")
      } else if undone.contains("row") {
        style.yellow("entry put back")
      } else {
        style.dim(effects.contains { $0.action == .kept } ? "left" : "gone already")
      }
    return "\(what) \(name(thread))"
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
      case .continued:
        keepsLocalWork
          ? "its conversation went on, and cannot be kept as a branch"
          : "its conversation went on; --keep-local-work makes a branch of it first, where that can be"
      case .isBaseOf(let thread): "thread \(thread) was forked from it"
      case .holdsWorkOf(let thread): "it holds the work on thread \(thread), which cannot be put back"
      case .changed: "its file was changed"
      }
    return "\(style.yellow("kept")) \(name(kept.thread)): \(why)"
  }

  /// Whether no file of a thread was to be changed.
  private func isOfRowsAlone(_ thread: ThreadID) -> Bool {
    plan.effects.filter { $0.thread == thread }.allSatisfy { $0.row != nil }
  }

  private func name(_ thread: ThreadID) -> String {
    guard let title = titles[thread] else { return "thread \(thread)" }
    return "\(DisplayWidth.fit(title: title, 40)) (\(thread))"
  }

  /// What the transactions called the threads that they wrote.
  private var titles: [ThreadID: String] {
    var titles: [ThreadID: String] = [:]
    for transaction in plan.transactions {
      let named = ["sessions", "adopted"].flatMap { transaction.details[$0]?.array ?? [] }
      for session in named {
        guard let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init) else { continue }
        titles[thread] = titles[thread] ?? session["title"]?.string
      }
    }
    return titles
  }

  private func operations() -> [String] {
    var table = Table(["OPERATION", "WOULD BE", "WHERE"])
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
