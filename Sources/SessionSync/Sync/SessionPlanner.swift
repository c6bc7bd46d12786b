import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// Plans what is written for one session, once it is decided what it is.
struct SessionPlanner {
  let planner: Planner
  let config: HomeConfig
  let local: LocalThreads
  let threads: [ThreadID: LocalThread]
  /// Threads whose file nobody can read, and whose place a copy may take.
  let unreadable: [ThreadID: SessionWrite.UnreadableRollout]
  let busy: BusyThreads
  let written: Memory
  let earlier: EarlierDeliveries
  let renames: [ThreadID: ThreadID]
  let obstacles: WriteObstacles
  /// When threads that are made count as created, where that is not when the session says.
  var creations: [ThreadID: Timestamp] = [:]
  /// Why the catalogue takes none of the rows; nil where it does.
  var refusal: String?

  /// The catalogue that rows are written to; nil where only files are.
  var catalogue: StateSnapshot? { refusal == nil ? local.catalogue : nil }

  var entries: CatalogueEntries {
    CatalogueEntries(
      home: planner.home, config: config, local: local, surroundings: planner.surroundings)
  }

  /// Plans a session.
  ///
  /// - Parameter mayMove: whether nothing else of the plan writes to the thread that it is in already.
  func plan(
    _ session: IncomingSession, _ outcome: Reconciliation.Outcome?, damaged: Blocker?, mayMove: Bool = false
  ) -> SessionPlan {
    guard let outcome, let transcript = session.transcript, let lineage = session.lineage else {
      return draft(session, nil, blockers: session.blockers + (damaged.map { [$0] } ?? []))
    }
    let decision = outcome.decision
    if mayMove, let (local, folder) = move(session, outcome) {
      return plan(session, outcome, moving: local, to: folder)
    }
    let blockers = planner.blockers(session, decision, local, threads, busy, earlier)
    guard blockers.isEmpty, outcome.isWritten, let target = outcome.target else {
      let mending = blockers.isEmpty ? providerMending(session, outcome.decision) : nil
      return draft(
        session, outcome, blockers: blockers, write: mending?.write,
        localCwd: blockers.first { $0.code == .unsafeFolder }?.path, warnings: mending?.warnings ?? [])
    }
    do throws(RolloutError) {
      guard let (write, cwd, warnings) = try write(session, transcript, outcome, target, lineage) else {
        // Without the closing record the sender's would rule.
        return draft(session, outcome, blockers: [Blocker(.unsafe, detail: "no_model")])
      }
      if let obstacle = obstacles.first(to: write) {
        return draft(session, outcome, blockers: [Blocker(unwritable: obstacle)])
      }
      return draft(session, outcome, write: write, localCwd: cwd, warnings: warnings)
    } catch {
      return draft(session, outcome, blockers: [Blocker(error)])
    }
  }

  private func plan(
    _ session: IncomingSession, _ outcome: Reconciliation.Outcome, moving local: LocalThread,
    to folder: WorkingFolder
  ) -> SessionPlan {
    let blockers = blockers(local, folder)
    guard blockers.isEmpty else { return draft(session, outcome, blockers: blockers, localCwd: folder.path) }
    do throws(RolloutError) {
      guard let (write, warnings) = try write(session, local, to: folder) else {
        return draft(session, outcome)
      }
      return draft(session, outcome, write: write, localCwd: folder.path, warnings: warnings)
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
    warnings += (candidate?.entry.copies ?? []).map { .init(.otherCopy, $0.path.string) }
    warnings += shrinkage(session, candidate)
    warnings += undoings(session, outcome, isWritten: write != nil)
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
      updated: session.transcript?.facts.lastTimestamp, action: action, blockers: blockers,
      warnings: warnings,
      history: .init(
        common: decision?.common ?? 0, incoming: history.count, local: candidate?.lineage.head.count ?? 0),
      turns: turns(session, decision, candidate),
      size: write?.measure.size ?? .init(), incomingCwd: session.cwd,
      localCwd: localCwd ?? candidate?.cwd, write: write,
      restoresDeleted: write.map { local.isDeleted($0.thread) } ?? false,
      // A thread that only moves stays the branch that it is.
      marker: outcome?.marker
        ?? (decision?.classification == .unchanged && write != nil ? candidate?.lineage.marker : nil),
      lineageKey: history.lineageKey,
      syncBase: SyncBase(history))
  }

  /// Counted in what is read anyway: the incoming transcript begins as the local one does.
  private func turns(
    _ session: IncomingSession, _ decision: Decision?, _ candidate: LocalThread?
  ) -> SessionPlan.Lengths? {
    guard let transcript = session.transcript, let decision else { return nil }
    let incoming = transcript.turnCount(of: transcript.history.count)
    let common = transcript.turnCount(of: decision.common)
    let local = candidate.map(\.turnCount) ?? 0
    guard let local, incoming > 0 || transcript.history.isEmpty, local >= common else { return nil }
    return .init(common: common, incoming: incoming, local: local)
  }

  private func write(
    _ session: IncomingSession, _ transcript: Transcript, _ outcome: Reconciliation.Outcome,
    _ target: ThreadID,
    _ lineage: LineageThread
  ) throws(RolloutError) -> (SessionWrite, String, [SessionWarning])? {
    let candidate = outcome.decision.candidate.flatMap { threads[$0] }
    let turnCount = transcript.turnCount(of: transcript.history.count)
    let isAppend = outcome.decision.classification == .fastForwardImport
    let paths = planner.paths(session, candidate, earlier)
    let cwd = planner.folder(
      of: session, paths, appendingTo: isAppend ? candidate : nil,
      replacing: threads[target] == nil ? local.entries[target] : nil)
    let settings = settings(session, transcript, cwd.path, appendingTo: isAppend ? candidate : nil)
    guard settings.hasModel else { return nil }
    let time =
      [transcript.facts.lastTimestamp, transcript.head.meta.timestamp].compactMap(\.self)
      .first { Timestamp($0) != nil } ?? Timestamp(milliseconds: 0).text
    let closing = SettingsRecord(timestamp: time, thread: target, settings: settings.record)
    var renames = renames
    renames[session.packaged.threadID] = target
    let rewriter = RecordRewriter(paths: paths.standing(cwd.path), renames: renames)
    let row = catalogue.map {
      ThreadRow(
        catalogue: $0, transcript: transcript, packed: session.packaged.row, settings: settings, cwd: cwd.path
      )
    }
    let milliseconds = max(0, Timestamp(time)?.milliseconds ?? 0)
    let modified = FileTime(seconds: milliseconds / 1000, nanoseconds: milliseconds % 1000 * 1_000_000)
    var differences: [String] = []
    var replaced: FilePath?
    let write: SessionWrite
    if isAppend, let candidate {
      let (changes, differing) = travelling(session, candidate)
      differences = differing
      let destination = try appendTarget(candidate, changes.archive, provider: settings.modelProvider)
      let rendering = try RolloutRendering(
        tailOf: transcript, behind: outcome.decision.common,
        for: destination.ending.moved(by: destination.provider?.shift ?? 0), rewriter: rewriter,
        closing: closing)
      // A thread that the catalogue does not know is entered first, by what was here.
      let entered = try entries.changes(for: candidate, name: nil)
      let path =
        destination.movesTo
        ?? (candidate.entry.isNamed && destination.ending.path == destination.path ? nil : destination.path)
      let rowChange = (candidate.entry.row ?? entered.first?.after).flatMap {
        row?.update(of: $0, id: target, path: path, archive: changes.archive, name: changes.name)
      }
      write = try measured(
        target, .append(destination), rendering, modified,
        (rowChange.map { [$0] } ?? []) + entered.dropFirst(),
        indexLine(target, changes.name, time),
        .init(lineage, turnCount: turnCount, candidate.note, nil, cwd.path))
    } else {
      let isBranch = target != session.packaged.threadID
      let head = RecordRewriter.HeadChanges(
        marker: outcome.marker?.json,
        forkedFrom: isBranch && lineage.isClosed && !transcript.head.meta.isSubagent ? lineage.root : nil,
        provider: isConfigured(transcript.head.meta.payload["model_provider"]) ? nil : settings.modelProvider,
        created: creations[target])
      let rendering = RolloutRendering(whole: transcript, rewriter: rewriter, head: head, closing: closing)
      let name =
        isBranch ? branchName(session, outcome.decision.classification) : ThreadNaming(session.packaged).name
      let old = unreadable[target]
      let path =
        old?.place ?? planner.home.place(for: fileName(session, target), archived: session.isArchived)
      replaced = old?.rollout.path
      var rows: [RowChange] = []
      if old != nil, let own = local.entries[target]?.row {
        // The row is the user's: it stays, and says what the file is now.
        rows += row?.update(of: own, id: target, path: path, archive: nil, name: nil).map { [$0] } ?? []
      } else {
        rows +=
          row.map {
            [
              $0.insertion(
                id: target, path: path, name: name, isArchived: session.isArchived, created: creations[target]
              )
            ]
          } ?? []
        rows += catalogue.map { dynamicTools(session, target, $0) } ?? []
        rows +=
          catalogue.flatMap { catalogue in
            SpawnEdge(of: target, transcript.head.meta, in: catalogue, renames: renames).map { [$0.change] }
          } ?? []
      }
      write = try measured(
        target, .create(path, replacing: old), rendering, modified, rows, indexLine(target, name, time),
        .init(lineage, turnCount: turnCount, nil, outcome.marker, cwd.path))
    }
    let warnings =
      warnings(
        session, transcript, settings, cwd, write.measure.dropped, appendingTo: isAppend ? candidate : nil)
      + differences.map { .init(.metadataDiffers, $0) }
      + (replaced.map { [.init(.unreadableReplaced, $0.string)] } ?? [])
    return (write, cwd.path, warnings)
  }

  /// Measures the rendering, for the fingerprint and the sizes that the plan promises.
  func measured(
    _ thread: ThreadID, _ target: SessionWrite.Target, _ rendering: RolloutRendering, _ modified: FileTime,
    _ rows: [RowChange], _ indexLine: String?, _ outcome: SessionWrite.Outcome
  ) throws(RolloutError) -> SessionWrite {
    SessionWrite(
      thread: thread, target: target, rendering: rendering, measure: try rendering.measured(),
      modified: modified, rows: rows, indexLine: indexLine, outcome: outcome)
  }

  /// The name under the id of a thread of the package stays that of its first file; a derived id brings its own time.
  private func fileName(_ session: IncomingSession, _ target: ThreadID) -> RolloutName {
    let created = Timestamp(milliseconds: Int64(clamping: target.milliseconds ?? 0))
    let owner = planner.package.sessions.first { $0.threadID == target }
    guard let first = owner?.rollouts.map(\.name).min() else {
      return RolloutName(at: created, thread: target)
    }
    return RolloutName(time: first.time, thread: target) ?? RolloutName(at: created, thread: target)
  }

}
