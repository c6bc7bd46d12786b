import CanonicalJSON
import Lineage
import Rollout
import SessionSync

/// The report of `inspect-package` and `sync` for people.
struct SyncText {
  let plan: SyncPlan
  let transaction: String?
  let style: Style
  let now: Timestamp
  let width: Int
  /// What a command needs to find these homes again.
  let homes: String
  /// The command that carries the plan out, without its digest; nil where it was.
  let command: String?

  func lines() -> [String] {
    var lines = SessionTable(sessions: plan.sessions, now: now, width: width).lines(style)
    let notes =
      plan.sessions.flatMap(notes) + warnings() + adoptions() + entries() + skills() + folders()
      + unmatchedMaps() + homeNotes()
    if !notes.isEmpty { lines += [""] + notes }
    if !plan.packageWarnings.isEmpty {
      lines += ["", "In the package, passed over:"]
      lines += plan.packageWarnings.flatMap { note(" ", { $0 }, Wording.sentence($0)) }
    }
    let home = Wording.sentences(plan.homeWarnings).flatMap { note("note", style.yellow, $0) }
    if !home.isEmpty { lines += [""] + home }
    return lines + [""] + closing()
  }

  /// One thing to be said, under a word that says of what kind.
  private func note(_ word: String, _ paint: (String) -> String, _ text: String) -> [String] {
    let indent = DisplayWidth.of(word) + 1
    let lines = DisplayWidth.wrap(text, width - indent)
    return lines.enumerated().map { index, line in
      (index == 0 ? paint(word) + " " : String(repeating: " ", count: indent)) + line
    }
  }

  private func notes(_ session: SessionPlan) -> [String] {
    let name = DisplayWidth.fit(title: session.title, 40)
    var lines = session.blockers.flatMap { blocker in
      note("blocked", style.red, "\(name) (\(session.threadID)): \(Wording.sentence(blocker))")
        + note(" remedy", style.dim, Wording.remedy(blocker, of: session))
    }
    if session.action == .blocked, let option = Wording.readyOption(of: session) {
      lines.append("         \(option)")
    }
    if session.classification == .idCollisionUnrelated, session.action == .skip {
      let what = "another conversation here has its id; --on-collision import takes it under a new one"
      lines += note("note", style.yellow, "\(name): \(what)")
    }
    if session.detail == .deletedLocally {
      lines += note(
        "note", style.yellow, "\(name): this conversation was deleted here; --restore-deleted brings it back")
    }
    if session.classification == .divergedLineage, session.action == .branch, let id = session.localThreadID {
      lines += note(
        "branch", style.cyan, "\(name): what is here stays as it is; the incoming one is thread \(id)")
    }
    if session.isMove, let folder = session.localCwd {
      lines += note(
        "folder", style.cyan, "\(name): \(transaction == nil ? "will work" : "works") in \(folder)")
    }
    return lines
  }

  /// What a person should know, each thing once, with the sessions it is about and the option that helps.
  private func warnings() -> [String] {
    var order: [String] = []
    var titles: [String: [String]] = [:]
    var options: [String: String] = [:]
    for session in plan.sessions {
      for warning in session.warnings {
        let sentence = Wording.sentence(warning, of: session)
        if titles[sentence] == nil { order.append(sentence) }
        titles[sentence, default: []].append(DisplayWidth.fit(title: session.title, 40))
        if [.cwdMissing, .cwdUnmapped].contains(warning.code) {
          options[sentence] = Wording.readyOption(of: session)
        }
      }
    }
    return order.flatMap { sentence in
      let about = titles[sentence] ?? []
      let who = about.count > 1 ? "\(about.count) sessions" : about.first ?? ""
      // An option is copied, and not broken.
      return note("note", style.yellow, "\(who): \(sentence)")
        + (options[sentence].map { ["     \($0)"] } ?? [])
    }
  }

  /// The folders that are made on the way.
  private func folders() -> [String] {
    plan.folders.flatMap {
      note("folder", style.cyan, "\($0) \(transaction == nil ? "will be made" : "was made")")
    }
  }

  private func unmatchedMaps() -> [String] {
    if plan.unmatchedMaps.isEmpty { return [] }
    let folders = plan.packageFolders
    let more = folders.count > 10 ? ", and \(folders.count - 10) more" : ""
    let there = "The sessions work in: \(folders.prefix(10).joined(separator: ", "))\(more)"
    return plan.unmatchedMaps.flatMap {
      note("note", style.yellow, "--map \($0.from)=\($0.to): no session of the package works in \($0.from)")
    } + note("    ", { $0 }, there)
  }

  private func adoptions() -> [String] {
    plan.adoptions.flatMap { adoption in
      let columns = (adoption.columns.members ?? []).map(\.key).joined(separator: ", ")
      let name = DisplayWidth.fit(title: adoption.title, 40)
      let what =
        columns.isEmpty ? "taken into a lineage" : "its entry in the catalogue is mended (\(columns))"
      return note("adopt", style.cyan, "\(name): \(what)")
    }
  }

  private func entries() -> [String] {
    plan.entries.flatMap { entry in
      note(
        "enter", style.cyan,
        "\(DisplayWidth.fit(title: entry.title, 40)): it is here, and the catalogue does not know it; it is entered"
      )
    }
  }

  private func homeNotes() -> [String] {
    plan.notes.flatMap { note("note", style.yellow, Wording.sentence($0)) }
  }

  private func skills() -> [String] {
    plan.skills.flatMap { skill in
      let size = "\(skill.files) \(skill.files == 1 ? "file" : "files"), \(Wording.bytes(skill.bytes))"
      let name = HiddenText.shown(skill.name)
      return switch (skill.state, skill.isInstalled) {
      case (_, true):
        note(
          "skill", style.green, "\(name): \(transaction == nil ? "to be installed" : "installed") (\(size))")
      case (.missing, _):
        note("skill", style.dim, "\(name): not here; sync --skills missing installs it (\(size))")
      case (.differs, _): note("skill", style.yellow, "\(name): differs from yours, which stays")
      case (.same, _): note("skill", style.dim, "\(name): the same as yours")
      }
    }
  }

  private func closing() -> [String] {
    if let transaction {
      return [
        "Done: \(done()), as transaction \(transaction)"
      ] + places() + [
        "Undo it: codex-session-sync rollback --transaction-id \(transaction) --execute\(homes)"
      ]
    }
    if plan.isEmpty { return [plan.isIncomplete ? "Nothing written: see above." : "Nothing to do."] }
    let next = command.map { "Carry it out: \($0) --execute --plan \(plan.digest)" }
    return ["Nothing written yet. Plan \(plan.digest)", next].compactMap(\.self)
  }

  private var moved: [String] {
    let count = plan.sessions.count(where: \.isMove)
    return count == 0 ? [] : ["\(count) told its folder"]
  }

  /// Where what was written is to be seen: Codex lists threads of the active provider only.
  private func places() -> [String] {
    let written = plan.sessions.filter { [.import, .append, .branch].contains($0.action) }
    let hidden = written.filter { $0.warnings.contains { $0.code == .providerInactive } }.compactMap(
      \.localThreadID)
    let listed =
      hidden.count < max(1, written.count) ? ["See it: codex resume --all, or restart the desktop app"] : []
    return listed
      + hidden.prefix(1).map { id in
        let more = hidden.count > 1 ? " (\(hidden.count - 1) more by their ids)" : ""
        return "Not listed, but there: codex resume \(id)\(more)"
      }
  }

  /// What was done, in numbers.
  private func done() -> String {
    let counts =
      [SessionPlan.Action.import, .append, .branch, .skip, .blocked].compactMap {
        action -> String? in
        let count = plan.sessions.count { $0.action == action && !$0.isMove }
        return count == 0 ? nil : "\(count) \(Wording.done(action))"
      } + moved
    let installed = plan.skills.count(where: \.isInstalled)
    let skills = installed == 0 ? [] : ["\(installed) \(installed == 1 ? "skill" : "skills") installed"]
    return counts.isEmpty && skills.isEmpty
      ? "nothing for sessions" : (counts + skills).joined(separator: ", ")
  }
}
