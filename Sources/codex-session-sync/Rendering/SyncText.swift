import CanonicalJSON
import Lineage
import Rollout
import SessionSync

/// The report of `inspect-package` and `sync` for people.
struct SyncText {
  let plan: SyncPlan
  let transaction: String?
  let style: Style

  func lines() -> [String] {
    var lines = table().lines(style)
    let notes = plan.sessions.flatMap(notes) + warnings() + adoptions()
    if !notes.isEmpty { lines += [""] + notes }
    if !plan.packageWarnings.isEmpty {
      lines +=
        ["", "In the package, passed over:"] + plan.packageWarnings.map { "  \(Wording.sentence($0))" }
    }
    return lines + [""] + closing()
  }

  private func table() -> Table {
    var table = Table(["SESSION", "TITLE", "WHAT IT IS", "ACTION", "HISTORY"])
    for session in plan.sessions {
      table.add([
        .init(session.threadID.text), .init(DisplayWidth.fit(session.title, 32)),
        .init(classification(session)),
        .init(Wording.text(session.action, executed: transaction != nil), paint(session.action)),
        .init(history(session)),
      ])
    }
    return table
  }

  private func classification(_ session: SessionPlan) -> String {
    guard let classification = session.classification else { return "unreadable" }
    return classification.rawValue + (session.detail.map { " (\($0.rawValue))" } ?? "")
  }

  private func history(_ session: SessionPlan) -> String {
    let history = session.history
    guard session.classification != .newLineage else { return "\(history.incoming) records" }
    return
      "\(history.common) common, they +\(history.incoming - history.common), you +\(history.local - history.common)"
  }

  private func paint(_ action: SessionPlan.Action) -> (String) -> String {
    switch action {
    case .append, .import: style.green
    case .branch: style.cyan
    case .blocked: style.red
    case .skip: style.dim
    }
  }

  private func notes(_ session: SessionPlan) -> [String] {
    let name = DisplayWidth.fit(session.title, 40)
    var lines = session.blockers.flatMap { blocker in
      [
        "\(style.red("blocked")) \(name): \(Wording.sentence(blocker))",
        "        \(style.dim("remedy:")) \(Wording.remedy(blocker, of: session))",
      ]
    }
    if session.classification == .idCollisionUnrelated, session.action == .skip {
      lines.append(
        "\(style.yellow("note")) \(name): another conversation here has its id; --on-collision import takes it under a new one"
      )
    }
    if session.detail == .deletedLocally {
      lines.append(
        "\(style.yellow("note")) \(name): this conversation was deleted here; --restore-deleted brings it back"
      )
    }
    if session.classification == .divergedLineage, session.action == .branch, let id = session.localThreadID {
      lines.append("\(style.cyan("branch")) \(name): your thread stays as it is; theirs is thread \(id)")
    }
    return lines
  }

  /// What a person should know, each thing once, with the sessions it is about.
  private func warnings() -> [String] {
    var order: [SessionWarning] = []
    var titles: [SessionWarning: [String]] = [:]
    for session in plan.sessions {
      for warning in session.warnings {
        if titles[warning] == nil { order.append(warning) }
        titles[warning, default: []].append(DisplayWidth.fit(session.title, 40))
      }
    }
    return order.map { warning in
      let about = titles[warning] ?? []
      let who = about.count > 1 ? "\(about.count) sessions" : about.first ?? ""
      return "\(style.yellow("note")) \(who): \(Wording.sentence(warning))"
    }
  }

  private func adoptions() -> [String] {
    plan.adoptions.map { adoption in
      let columns = (adoption.columns.members ?? []).map(\.key).joined(separator: ", ")
      return
        "\(style.cyan("adopt")) \(DisplayWidth.fit(adoption.title, 40)): installed by codex-session-transfer; its entry is mended (\(columns))"
    }
  }

  private func closing() -> [String] {
    if let transaction {
      return [
        "Done, as transaction \(transaction)",
        "Undo it: codex-session-sync rollback --transaction-id \(transaction) --execute",
      ]
    }
    if plan.isEmpty { return [plan.isIncomplete ? "Nothing written: see above." : "Nothing to do."] }
    return ["Nothing written yet. Plan \(plan.digest)"]
  }
}
