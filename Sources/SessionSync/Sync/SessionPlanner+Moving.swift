import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// A thread that a package brings nothing new for, and that `--map` says works elsewhere: it is told.
extension SessionPlanner {
  /// Where a thread is to work from now on; nil where it stays where it is.
  func move(_ session: IncomingSession, _ outcome: Reconciliation.Outcome) -> (LocalThread, WorkingFolder)? {
    guard outcome.decision.classification == .unchanged,
      let local = outcome.decision.candidate.flatMap({ threads[$0] })
    else { return nil }
    let folder = planner.folder(
      of: session, planner.paths(session, local, earlier), appendingTo: local, replacing: nil)
    return folder.rule == .explicit && folder.path != local.cwd ? (local, folder) : nil
  }

  /// What stands in the way of telling it.
  func blockers(_ local: LocalThread, _ folder: WorkingFolder) -> [Blocker] {
    (busy.contains(local.entry.id) ? [busy.blocker(local.entry.id)] : [])
      + [folder.blocker].compactMap(\.self)
  }

  /// One settings record at the end of its transcript, and the row's `cwd`.
  ///
  /// Codex 0.163.0 resumes a thread where its last settings record says, whatever `session_meta`, the turns and the row
  /// say; it runs tools there, and tells the model so in the next turn. Nothing else of the thread changes. Nil for one
  /// without a turn, of which no record would be understood.
  func write(
    _ session: IncomingSession, _ local: LocalThread, to folder: WorkingFolder
  ) throws(RolloutError) -> (SessionWrite, [SessionWarning])? {
    let transcript = try self.local.transcript(local.entry)
    let settings = settings(session, transcript, folder.path, appendingTo: local)
    guard settings.hasModel else { return nil }
    let id = local.entry.id
    let target = try appendTarget(local, nil, provider: nil)
    let time = transcript.facts.lastTimestamp ?? transcript.head.meta.timestamp
    let closing = SettingsRecord(
      timestamp: time ?? Timestamp(milliseconds: 0).text, thread: id, settings: settings.record)
    let rendering = RolloutRendering(closing: closing, for: target.ending)
    let row = local.entry.row.map { row in
      RowChange(
        table: "threads", key: ["id": .string(id.text)], before: ["cwd": row["cwd"] ?? .null],
        after: ["cwd": .string(folder.path)])
    }
    let write = try measured(
      id, .append(target), rendering, target.ending.stamp.modified, row.map { [$0] } ?? [], nil,
      .init(local.lineage, turnCount: local.turnCount ?? 0, local.note, nil, folder.path))
    let warnings = warnings(session, transcript, settings, folder, write.measure.dropped, appendingTo: local)
    return (write, warnings.filter { [.cwdMissing, .settingsNotHonoured].contains($0.code) })
  }
}
