import Lineage
import Rollout
import SessionSync
import SystemPackage

/// The sessions of a plan, a line each: it fits a terminal's width, at the cost of the titles.
struct SessionTable {
  let sessions: [SessionPlan]
  /// What ages are counted from.
  let now: Timestamp
  /// Columns of the terminal.
  let width: Int

  /// Ids are long, and needed for `--only` alone.
  static let widthForIDs = 120
  private static let leastTitle = 12

  func lines(_ style: Style) -> [String] {
    let showsIDs = width >= Self.widthForIDs
    let header = (showsIDs ? ["SESSION"] : []) + ["TITLE", "PROJECT", "AGE", "WHAT IT IS", "TURNS"]
    let rows = sessions.map { session in
      (showsIDs ? [session.threadID.text] : []) + [
        "", project(session), age(session), what(session), turns(session),
      ]
    }
    let others = header.indices.filter { header[$0] != "TITLE" }.map { column in
      rows.map { DisplayWidth.of($0[column]) }.reduce(DisplayWidth.of(header[column]), max) + 2
    }
    let room = max(Self.leastTitle, width - others.reduce(0, +))
    var table = Table(header)
    for (session, row) in zip(sessions, rows) {
      table.add(
        zip(header, row).map { name, text in
          name == "TITLE"
            ? .init(DisplayWidth.fit(title: session.title, room))
            : .init(text, name == "WHAT IT IS" ? paint(session, style) : { $0 })
        })
    }
    return table.lines(style)
  }

  private func project(_ session: SessionPlan) -> String {
    let folder = (session.localCwd ?? session.incomingCwd).map { FilePath($0).lastComponent?.string ?? $0 }
    return DisplayWidth.fit(folder ?? "", 10)
  }

  private func age(_ session: SessionPlan) -> String {
    session.updated.flatMap(Timestamp.init).map { Age.text(since: $0, now: now) } ?? ""
  }

  private func what(_ session: SessionPlan) -> String {
    session.action == .blocked ? "blocked" : session.classification?.rawValue ?? "unreadable"
  }

  /// What both sides have, and what each has that the other lacks.
  private func turns(_ session: SessionPlan) -> String {
    let (lengths, unit) = session.turns.map { ($0, "") } ?? (session.history, " records")
    if session.localThreadID == nil || session.classification == .newLineage {
      return "\(lengths.incoming)\(unit)"
    }
    let (theirs, yours) = (lengths.incoming - lengths.common, lengths.local - lengths.common)
    if theirs == 0, yours == 0 {
      let isEqual = session.history.incoming == session.history.local
      return "\(lengths.common)\(unit)" + (isEqual ? " in common" : ", the last one differs")
    }
    let more = [theirs > 0 ? "they +\(theirs)" : nil, yours > 0 ? "you +\(yours)" : nil].compactMap(\.self)
    return "\(lengths.common) common, \(more.joined(separator: ", "))\(unit)"
  }

  private func paint(_ session: SessionPlan, _ style: Style) -> (String) -> String {
    switch session.action {
    case .append, .import: style.green
    case .branch: style.cyan
    case .blocked: style.red
    case .skip where session.classification == .idCollisionUnrelated: style.red
    case .skip: style.dim
    }
  }
}
