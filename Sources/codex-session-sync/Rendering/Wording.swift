import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SessionPackage
import SessionSync

/// Words for what the library says in codes.
enum Wording {
  /// What stands in the way of a session, and what helps.
  static func sentence(_ blocker: Blocker) -> String {
    let record = blocker.place.map { ", record \($0.record) at byte \($0.offset)" } ?? ""
    let place = blocker.path.map { " (\($0)\(record))" } ?? ""
    let detail = blocker.detail.map { ": \($0)" } ?? ""
    let holder = blocker.process.map { ", \(sentence($0))" } ?? ""
    return "\(text(blocker.code))\(place)\(detail)\(holder)"
  }

  /// A process that is in the way.
  static func sentence(_ process: RunningCodex.Process) -> String {
    let command = process.command.isEmpty ? "" : ": \(DisplayWidth.fit(title: process.command, 120))"
    return "process \(process.id)\(command)"
  }

  /// What ends servers that nobody closes: the terminal interface leaves one behind, which keeps its threads loaded
  /// (0.163.0).
  static func waysOut(of processes: [RunningCodex.Process]) -> String {
    let servers = processes.filter(\.isServer).map { "\($0.id)" }
    if servers.isEmpty { return "" }
    return " A server goes on when the window is closed: kill \(servers.joined(separator: " ")) ends it."
  }

  /// A number of bytes, in units of a thousand.
  static func bytes(_ count: Int64) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    if count < 1000 { return "\(count) B" }
    var tenths = count / 100
    var unit = 0
    while tenths >= 10_000, unit < units.count - 1 {
      tenths /= 1000
      unit += 1
    }
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(tenths / 10) \(units[unit])"
  }

  static func remedy(_ blocker: Blocker, of session: SessionPlan) -> String {
    switch blocker.code {
    case .busy:
      "close the thread, or quit Codex, and run the command again; --wait SECONDS waits for that."
        + waysOut(of: [blocker.process].compactMap(\.self))
    case .incompleteLineage: "ask for a package that holds the thread it was forked from (packup makes such)"
    case .damaged: "ask for the package again, or mend the file that is named"
    case .unreadable:
      "give this user the right to read what is named (chown, chmod), and run the command again"
    case .unwritable:
      "give this user the right to write what is named (chown, chmod; chattr -i or -a), and run the command again"
    case .historyModeMismatch: migration(session)
    case .unsupportedByLocalCodex: "update Codex on this machine to 0.147.0 or later"
    case .unsafe:
      blocker.detail == "no_model"
        ? "set model in config.toml, so that the session can be given this machine's permissions"
        : "do not use this session"
    case .unsafeFolder: folder(blocker)
    case .overLimit: "do not use this session, unless you trust who sent it and know why it is like this"
    case .foreignFile:
      "quit Codex, move that file below sessions/ of this home under the name rollout-TIME-ID.jsonl, and run adopt ID --execute"
    }
  }

  private static func folder(_ blocker: Blocker) -> String {
    switch blocker.detail {
    case "no_path", "too_long": "do not use this session: Codex would not know where to work"
    case "behind_link": "make the folder yourself, or leave --create-directories out"
    default: "if you want it there, say so (below); if that machine is yours, --trust-origin says it for good"
    }
  }

  /// Options that are ready to be added to the command, where a blocker or a warning is about a session's folder.
  static func readyOption(of session: SessionPlan) -> String? {
    guard let incoming = session.incomingCwd else { return nil }
    let isGuarded = session.blockers.contains {
      $0.code == .unsafeFolder && !["no_path", "too_long", "behind_link"].contains($0.detail)
    }
    if isGuarded { return session.localCwd.flatMap { MapArgument.option(from: incoming, to: $0) } }
    let isAbsent = session.warnings.contains { [.cwdMissing, .cwdUnmapped].contains($0.code) }
    return isAbsent ? MapArgument.option(from: incoming, to: nil) : nil
  }

  private static func migration(_ session: SessionPlan) -> String {
    let here = session.localThreadID.flatMap { $0 == session.threadID ? nil : " (here it is \($0))" } ?? ""
    let command = "codex migrate-rollouts --apply --thread \(session.threadID)\(here)"
    return "on the machine whose copy is legacy run \(command); if it is the other one, pack there again"
  }

  static func text(_ code: Blocker.Code) -> String {
    switch code {
    case .busy: "Codex has the thread open"
    case .incompleteLineage: "what the thread goes on from is missing"
    case .damaged: "a file cannot be understood"
    case .unreadable: "a file cannot be read by this user"
    case .unwritable: "this user cannot write what the session needs"
    case .historyModeMismatch: "the copies are in different formats"
    case .unsupportedByLocalCodex: "the Codex here cannot read this format"
    case .unsafe: "the entry is dangerous"
    case .unsafeFolder: "it would work in a folder that no package chooses"
    case .overLimit: "it asks for more memory or disk than what it is explains"
    case .foreignFile: "its file here is not one that this program writes to"
    }
  }

  /// What a person should know of a session; of its folder what it is called there and here.
  static func sentence(_ warning: SessionWarning, of session: SessionPlan) -> String {
    guard let local = session.localCwd, [.cwdMissing, .cwdUnmapped].contains(warning.code) else {
      return sentence(warning)
    }
    let folders = session.incomingCwd.map { $0 == local ? local : "\($0) → \(local)" } ?? local
    return warning.code == .cwdMissing
      ? "\(folders) does not exist here yet; sync --create-directories makes it below your home folder, or say where it is"
      : "no rule says where its folder is here, and it stays as it is: \(folders)"
  }

  static func sentence(_ warning: SessionWarning) -> String {
    let text =
      switch warning.code {
      case .tornTail: "an incomplete last line was left out"
      case .linesNotJSON: "lines that are not JSON are carried along"
      case .linesNotUTF8:
        "lines that are no UTF-8 are left out: for one of them Codex would not open the thread"
      case .unfitForCodex: "Codex cannot open it, here or anywhere: its first record lacks what Codex needs"
      case .unreadableReplaced:
        "the file here is no transcript to anybody; it goes into the journal, and this copy takes its place"
      case .unknownRecords: "record types that are not known here count as history"
      case .cwdUnmapped: "no rule says where its folder is here; use --map FROM=TO"
      case .cwdMissing: "the folder does not exist here yet; --map FROM=TO, or sync --create-directories"
      case .providerReplaced: "its model provider is not configured here and is replaced"
      case .providerInactive:
        "its model provider is not the active one here, and Codex lists it by its id only: codex resume ID"
      case .settingsNotHonoured: "the Codex here is too old to honour the settings record"
      case .keysDropped: "settings that Codex would act on, or that are not known, were left out"
      case .metadataDiffers: "name or archived state differ and were left alone"
      case .filesOnly: "only files are written; Codex lists them when it next looks"
      case .headByName: "the newest segment by file name was taken as current"
      case .localShrunk:
        "the thread here LOST RECORDS since it was noted last and nobody rewound it: it is damaged"
      case .incomingShrunk:
        "fewer records than were delivered before: an older copy, or a damaged one"
      case .undoneBefore: "you undid this before; sync brings it again"
      case .keptBefore: "it stayed here when its delivery was undone, because somebody had built on it"
      case .missingRow: "the package has no catalogue row for it"
      case .otherCopy: "there is another file of it, which Codex does not use and which is left alone"
      }
    let detail = warning.detail.map { warning.code == .filesOnly ? "its catalogue is \($0)" : $0 }
    return text + (detail.map { " (\($0))" } ?? "")
  }

  /// What of the home could not be looked into, or is no thread.
  static func sentences(_ warnings: [HomeWarning]) -> [String] {
    let others = warnings.filter { $0.code == .notATranscript }
    let folders = warnings.filter { $0.code != .notATranscript }.map { warning in
      let detail = warning.detail.map { " (\($0))" } ?? ""
      return switch warning.code {
      case .folderUnreadable: "\(warning.path) cannot be looked into\(detail): what is in it is left out"
      case .diskAway: "\(warning.path) leads nowhere: its disk is away, and what is on it is left out"
      case .notATranscript: ""
      }
    }
    guard let first = others.first else { return folders }
    let count = others.count == 1 ? "1 file looks" : "\(others.count) files look"
    return folders + ["\(count) like a transcript, and Codex takes it for none: \(first.path)"]
  }

  /// What is to be known of the home.
  static func sentence(_ note: HomeNote) -> String {
    switch note {
    case .unusedCatalogue(let path):
      "\(path) is not the catalogue in use: config.toml or CODEX_SQLITE_HOME names another folder"
    case .unfinishedCatalogue:
      "Codex was ended while it made its catalogue: when it starts, it may wait up to 15 minutes first"
    }
  }

  /// What of the package as a whole was passed over.
  static func sentence(_ warning: PackageWarning) -> String {
    switch warning {
    case .malformedLine(let file, let line, let error):
      "\(file), line \(line) is not JSON: \(error.words)"
    case .lineNotAnObject(let file, let line): "\(file), line \(line) is no object"
    case .invalidThreadID(let file, let line, _): "\(file), line \(line) has no thread id"
    case .malformedFile(let path): "\(path) cannot be understood and counts as absent"
    case .foreignName(let path): "\(path) has no transcript's name"
    case .oddName(let path): "\(path) has a name that is no plain text"
    case .skippedEntry(let path, let kind):
      "\(path) is \(kind == .symbolicLink ? "a symbolic link" : "no plain file")"
    case .duplicateRollout(let path): "\(path) is a second copy"
    case .missingFile(let path): "\(path) is listed and not there"
    case .damagedSkill(let path): "\(path) is not what the checksums say; its skill is left out"
    case .absentThread(let id): "thread \(id) is listed and not there"
    case .more(let count): "and \(count) more"
    }
  }

  /// What was done with a session.
  static func done(_ action: SessionPlan.Action) -> String {
    switch action {
    case .append: "continued"
    case .import: "imported"
    case .branch: "branched"
    case .skip: "left alone"
    case .blocked: "blocked"
    }
  }

  /// What was done with a thread, by the journal's word.
  static func done(_ action: String) -> String {
    SessionPlan.Action(rawValue: action).map(done) ?? (action == "adopt" ? "adopted" : action)
  }

  static func text(_ status: Transaction.Status) -> String {
    switch status {
    case .prepared: "not finished"
    case .applied, .committed: "done"
    case .rolledBack: "rolled back already"
    case .partlyRolledBack: "rolled back in part"
    case .abandoned: "given up, nothing of it is there"
    }
  }

  static func text(_ outcome: Recovery.Outcome) -> String {
    switch outcome {
    case .completed: "finished"
    case .undone: "undone"
    case .kept: "left as it is, because somebody went on from it; the next sync looks at it afresh"
    case .left: "taken back but for files that cannot be written here; the next sync looks at them afresh"
    }
  }
}
