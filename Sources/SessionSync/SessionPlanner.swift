import CanonicalJSON
import CodexHome
import Crypto
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// Plans what is written for one session, once it is decided what it is.
struct SessionPlanner {
  let planner: Planner
  let local: LocalThreads
  let threads: [ThreadID: LocalThread]
  let busy: Set<ThreadID>
  let written: JournalMemory
  let renames: [ThreadID: ThreadID]

  func plan(_ session: IncomingSession, _ outcome: Reconciliation.Outcome?, damaged: Blocker?) -> SessionPlan
  {
    guard let outcome, let transcript = session.transcript, let lineage = session.lineage else {
      return draft(session, nil, blockers: session.blockers + (damaged.map { [$0] } ?? []))
    }
    let decision = outcome.decision
    let blockers = planner.blockers(session, decision, local, threads, busy)
    guard blockers.isEmpty, outcome.isWritten, let target = outcome.target else {
      return draft(session, outcome, blockers: blockers)
    }
    do throws(RolloutError) {
      let (write, cwd, warnings) = try write(session, transcript, outcome, target, lineage)
      return draft(session, outcome, write: write, localCwd: cwd, warnings: warnings)
    } catch {
      return draft(session, outcome, blockers: [Blocker(error)])
    }
  }

  private func draft(
    _ session: IncomingSession, _ outcome: Reconciliation.Outcome?, blockers: [Blocker] = [],
    write: SessionWrite? = nil, localCwd: String? = nil, warnings: [SessionWarning] = []
  ) -> SessionPlan {
    let decision = outcome?.decision
    let candidate = decision?.candidate.flatMap { threads[$0] }
    var warnings = session.fileWarnings + warnings
    if candidate?.entry.isHeadGuessed == true { warnings.append(.init(.headByName)) }
    if decision?.classification == .unchanged, let candidate {
      warnings += metadataDifferences(session, candidate)
    }
    let action: SessionPlan.Action =
      switch (write?.target, decision?.classification) {
      case (.append?, _): .append
      case (.create?, .newLineage): .import
      case (.create?, _): .branch
      case (nil, _): blockers.isEmpty ? .skip : .blocked
      }
    let history = session.lineage?.head ?? History([])
    return SessionPlan(
      threadID: session.packaged.threadID, localThreadID: write?.thread ?? outcome?.target,
      title: session.title,
      classification: decision?.classification, detail: decision?.detail, matchedBy: decision?.matchedBy,
      action: action, blockers: blockers, warnings: warnings,
      history: .init(
        common: decision?.common ?? 0, incoming: history.count, local: candidate?.lineage.head.count ?? 0),
      size: write?.size ?? .init(), incomingCwd: session.cwd,
      localCwd: localCwd ?? candidate?.cwd, write: write, marker: outcome?.marker,
      syncBase: SyncBase(
        length: history.count, prefixDigest: history.count > 0 ? history.prefixDigest(history.count) : nil))
  }

  private func write(
    _ session: IncomingSession, _ transcript: Transcript, _ outcome: Reconciliation.Outcome,
    _ target: ThreadID,
    _ lineage: LineageThread
  ) throws(RolloutError) -> (SessionWrite, String, [SessionWarning]) {
    let candidate = outcome.decision.candidate.flatMap { threads[$0] }
    let isAppend = outcome.decision.classification == .fastForwardImport
    let paths = pathMap(transcript, candidate)
    let cwd = localCwd(session, paths, appendingTo: isAppend ? candidate : nil)
    let settings = settings(session, transcript, cwd.path, appendingTo: isAppend ? candidate : nil)
    let time =
      transcript.facts.lastTimestamp ?? transcript.head.meta.timestamp ?? Timestamp(milliseconds: 0).text
    let closing =
      settings.hasModel
      ? SettingsRecord(timestamp: time, thread: target, settings: settings.record) : nil
    var renames = renames
    renames[session.packaged.threadID] = target
    let rewriter = RecordRewriter(paths: paths, renames: renames)
    let row = local.catalogue.map {
      ThreadRow(
        catalogue: $0, transcript: transcript, packed: session.packaged.row, settings: settings, cwd: cwd.path
      )
    }
    let milliseconds = max(0, Timestamp(time)?.milliseconds ?? 0)
    let modified = FileTime(seconds: milliseconds / 1000, nanoseconds: milliseconds % 1000 * 1_000_000)
    var warnings = warnings(session, transcript, settings, cwd)
    let write: SessionWrite
    if isAppend, let candidate {
      let rendering = RolloutRendering(
        tailOf: transcript, behind: outcome.decision.common, for: candidate.transcript, rewriter: rewriter,
        closing: closing)
      let (changes, differences) = travelling(session, candidate)
      warnings += differences.map { .init(.metadataDiffers, $0) }
      let destination = appendTarget(candidate, changes.archive)
      let rowChange = candidate.entry.row.flatMap {
        row?.update(
          of: $0, id: target, path: destination.movesTo ?? destination.path, archive: changes.archive,
          name: changes.name)
      }
      write = try measured(
        target, .append(destination), rendering, modified, rowChange.map { [$0] } ?? [],
        indexLine(target, changes.name, time))
    } else {
      let isBranch = target != session.packaged.threadID
      let head = RecordRewriter.HeadChanges(
        marker: outcome.marker?.json,
        forkedFrom: isBranch && lineage.isClosed && !transcript.head.meta.isSubagent ? lineage.root : nil)
      let rendering = RolloutRendering(whole: transcript, rewriter: rewriter, head: head, closing: closing)
      let name =
        isBranch ? branchName(session, outcome.decision.classification) : ThreadNaming(session.packaged).name
      let path = planner.home.place(for: fileName(session, target), archived: session.isArchived)
      var rows =
        row.map { [$0.insertion(id: target, path: path, name: name, isArchived: session.isArchived)] } ?? []
      rows += local.catalogue.map { dynamicTools(session, target, $0) } ?? []
      write = try measured(target, .create(path), rendering, modified, rows, indexLine(target, name, time))
    }
    return (write, cwd.path, warnings)
  }

  /// Renders once without writing, for the digest and the sizes that the plan promises.
  private func measured(
    _ thread: ThreadID, _ target: SessionWrite.Target, _ rendering: RolloutRendering, _ modified: FileTime,
    _ rows: [RowChange], _ indexLine: String?
  ) throws(RolloutError) -> SessionWrite {
    var hasher = SHA256()
    let size = try rendering.write { bytes in hasher.update(data: bytes) }
    return SessionWrite(
      thread: thread, target: target, rendering: rendering,
      sha256: RecordDigest(hasher.finalize()).description,
      size: size, modified: modified, rows: rows, indexLine: indexLine)
  }

  /// The rules for this session: where its thread is known here, its own working directory is one.
  private func pathMap(_ transcript: Transcript, _ candidate: LocalThread?) -> PathMap {
    let map = PathMap(
      explicit: planner.options.maps, sourceHome: planner.package.sourceHome,
      localHome: planner.surroundings.localHome)
    guard let from = transcript.head.meta.cwd, let to = candidate?.transcript.head.meta.cwd else {
      return map
    }
    return map.learning(.init(from: from, to: to))
  }

  /// Where the thread works on this machine.
  ///
  /// A thread that is here already stays where it is, unless `--map` says otherwise. A folder that is no path of
  /// this kind of machine, and that no rule moves, becomes the local home: Codex ignores settings that name it, and
  /// with them the receiver's permissions (0.163.0).
  private func localCwd(
    _ session: IncomingSession, _ paths: PathMap, appendingTo local: LocalThread?
  ) -> (path: String, rule: PathMap.Rule?) {
    let home = planner.surroundings.localHome
    let found = paths.localise(session.cwd ?? home)
    if found.rule != .explicit, let own = local?.cwd, FilePath(own).isAbsolute { return (own, .learned) }
    return FilePath(found.path).isAbsolute ? found : (home, nil)
  }

  private func settings(
    _ session: IncomingSession, _ transcript: Transcript, _ cwd: String, appendingTo local: LocalThread?
  ) -> ReceiverSettings {
    let facts = transcript.facts
    let mode =
      facts.settings?["collaboration_mode"]?["settings"]
      ?? facts.turnContext?["collaboration_mode"]?["settings"]
    let incomingProvider =
      session.packaged.row?["model_provider"]?.string
      ?? transcript.head.meta.payload["model_provider"]?.string
    return ReceiverSettings(
      config: planner.home.config, cwd: cwd, localHome: planner.surroundings.localHome,
      model: facts.settings?["model"]?.string ?? facts.turnContext?["model"]?.string
        ?? session.packaged.row?["model"]?.string,
      effort: facts.settings?["reasoning_effort"]?.string ?? facts.turnContext?["effort"]?.string
        ?? mode?["reasoning_effort"]?.string,
      provider: local?.entry.row?["model_provider"]?.string ?? incomingProvider)
  }

  private func warnings(
    _ session: IncomingSession, _ transcript: Transcript, _ settings: ReceiverSettings,
    _ cwd: (path: String, rule: PathMap.Rule?)
  ) -> [SessionWarning] {
    var warnings: [SessionWarning] = []
    let isThere = ((try? FileStamp.ofTarget(FilePath(cwd.path))) ?? nil) != nil
    if cwd.rule == nil {
      warnings.append(.init(.cwdUnmapped, session.cwd ?? cwd.path))
    } else if !isThere {
      warnings.append(.init(.cwdMissing, cwd.path))
    }
    if let provider = session.packaged.row?["model_provider"]?.string, provider != settings.modelProvider {
      warnings.append(.init(.providerReplaced, "\(provider) by \(settings.modelProvider)"))
    }
    if let problem = local.catalogueProblem { warnings.append(.init(.filesOnly, problem)) }
    if let migration = local.catalogue?.migration, migration < ReceiverSettings.honouredFromMigration {
      warnings.append(.init(.settingsNotHonoured, "catalogue migration \(migration)"))
    }
    return warnings
  }

  /// What else goes along with a fast-forward: a name or archived state that the user here did not choose himself.
  private func travelling(
    _ session: IncomingSession, _ local: LocalThread
  ) -> (changes: (name: String?, archive: Bool?), differences: [String]) {
    var name: String?
    var archive: Bool?
    var differences: [String] = []
    let row = local.entry.row ?? .object([])
    let own = ThreadNaming(row: local.entry.row, indexRow: self.local.index.rows[local.entry.id]).name
    if let incoming = ThreadNaming(session.packaged).name, incoming != own, local.lineage.marker == nil {
      let column = local.transcript.head.meta.format == .paginated ? "name" : "title"
      if own == nil || written.isUntouched(column, of: local.entry.id, in: row) {
        name = incoming
      } else {
        differences.append("name: \(incoming)")
      }
    }
    if session.packaged.row != nil, session.isArchived != local.entry.head.isArchived {
      if !local.entry.head.isArchived || written.isUntouched("archived", of: local.entry.id, in: row),
        local.entry.rollouts.count == 1
      {
        archive = session.isArchived
      } else {
        differences.append(session.isArchived ? "archived there" : "archived here")
      }
    }
    return ((name, archive), differences)
  }

  private func metadataDifferences(_ session: IncomingSession, _ local: LocalThread) -> [SessionWarning] {
    guard local.entry.id == session.packaged.threadID, session.packaged.row != nil else { return [] }
    let own = ThreadNaming(row: local.entry.row, indexRow: self.local.index.rows[local.entry.id]).name
    let incoming = ThreadNaming(session.packaged).name
    var warnings: [SessionWarning] = []
    if let incoming, incoming != own { warnings.append(.init(.metadataDiffers, "name: \(incoming)")) }
    if session.isArchived != local.entry.head.isArchived {
      warnings.append(.init(.metadataDiffers, session.isArchived ? "archived there" : "archived here"))
    }
    return warnings
  }

  private func appendTarget(_ local: LocalThread, _ archive: Bool?) -> SessionWrite.AppendTarget {
    let scan = local.transcript.head
    let path = scan.path.removingLastComponent().appending(scan.name.plain.text)
    return SessionWrite.AppendTarget(
      scan: scan, path: path, length: scan.end.offset + Int64(scan.end.torn.count),
      movesTo: archive.map { planner.home.place(for: scan.name.plain, archived: $0) })
  }

  /// The name under the thread's own id stays that of its first file; a derived id brings its own time.
  private func fileName(_ session: IncomingSession, _ target: ThreadID) -> RolloutName {
    let created = Timestamp(milliseconds: Int64(clamping: target.milliseconds ?? 0))
    guard target == session.packaged.threadID, let first = session.packaged.rollouts.map(\.name).min() else {
      return RolloutName(at: created, thread: target)
    }
    return RolloutName(time: first.time, thread: target) ?? RolloutName(at: created, thread: target)
  }

  /// The title of a thread beside another one, with a suffix that says where it came from.
  private func branchName(_ session: IncomingSession, _ classification: Classification) -> String {
    let package = planner.package
    let from =
      package.title ?? package.lineage?.machine ?? package.sourceHome.map {
        FilePath($0).lastComponent?.string ?? $0
      }
      ?? "another machine"
    var title = session.title
    if title.hasSuffix(")"), let range = title.range(of: " (branch from ") { title = String(title[..<range]) }
    return classification == .divergedLineage ? "\(title) (branch from \(from))" : "\(title) (from \(from))"
  }

  private func indexLine(_ id: ThreadID, _ name: String?, _ time: String) -> String? {
    guard let name, local.index.rows[id]?["thread_name"]?.string != name else { return nil }
    return String(decoding: SessionIndex.row(id, name: name, updatedAt: time).bytes, as: UTF8.self)
  }

  /// The thread's own tools, for catalogues that keep them in a table; of two with one position the last counts.
  private func dynamicTools(
    _ session: IncomingSession, _ id: ThreadID, _ catalogue: StateSnapshot
  ) -> [RowChange] {
    let columns = Set(catalogue.dynamicToolColumns)
    guard columns.contains("position") else { return [] }
    var rows: [Int64: JSONValue] = [:]
    for tool in session.packaged.dynamicTools {
      guard let position = tool["position"]?.integer, let name = tool["name"]?.string else { continue }
      let row: JSONValue = [
        "thread_id": .string(id.text), "position": .integer(position), "name": .string(name),
        "description": .string(tool["description"]?.string ?? ""),
        "input_schema": .string(tool["input_schema"]?.string ?? "{}"),
        "defer_loading": .integer(tool["defer_loading"]?.integer == 1 ? 1 : 0),
      ]
      rows[position] = .object((row.members ?? []).filter { columns.contains($0.key) })
    }
    return rows.sorted { $0.key < $1.key }.map { position, row in
      RowChange(
        table: "thread_dynamic_tools", key: ["thread_id": .string(id.text), "position": .integer(position)],
        before: nil, after: row)
    }
  }
}

extension ThreadNaming {
  init(_ session: PackagedSession) { self.init(row: session.row, indexRow: session.indexRow) }
}

extension String {
  /// The start of the first occurrence of `part`.
  fileprivate func range(of part: String) -> String.Index? { firstRange(of: part)?.lowerBound }
}
