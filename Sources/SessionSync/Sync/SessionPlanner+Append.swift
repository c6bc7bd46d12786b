import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// What is appended to, and what has to become of it first.
extension SessionPlanner {
  /// Where a tail goes.
  ///
  /// - Parameters:
  ///   - archive: the archived state that travels along; nil leaves it.
  ///   - provider: takes the place of one that is not configured here; nil leaves it.
  func appendTarget(
    _ local: LocalThread, _ archive: Bool?, provider: String?
  ) throws(RolloutError) -> SessionWrite.AppendTarget {
    let ending = try self.local.ending(of: local)
    let folder = ending.path.removingLastComponent()
    var name = ending.name.plain
    let change = try provider.flatMap { provider throws(RolloutError) in
      try providerChange(local, to: provider)
    }
    if change != nil { name = freeName(name, in: folder) }
    return SessionWrite.AppendTarget(
      ending: ending, path: folder.appending(name.text),
      movesTo: archive.map { planner.home.place(for: name, archived: $0) },
      wasCut: ending.isTorn || ((try? written.lost(by: local)) ?? nil) != nil, provider: change)
  }

  /// The change of a thread's file that makes Codex list it again after its provider left the configuration; nil where
  /// none is needed, or another rollout goes on from places in the file.
  private func providerChange(_ local: LocalThread, to provider: String) throws(RolloutError)
    -> ProviderChange?
  {
    guard let row = local.entry.row, !isConfigured(row["model_provider"]) else { return nil }
    let path = local.entry.head.path
    let change = try ProviderChange(path, to: provider) { config.knownProviders.contains($0) }
    guard change != nil, local.entry.rollouts.count == 1, catalogue != nil else { return nil }
    let dependents = Dependents(self.local.entries.values.flatMap(\.rollouts))
    do throws(SyncError) {
      return try dependents.dependent(on: path, behind: 0) == nil ? change : nil
    } catch {
      return nil
    }
  }

  /// The same name a second or more later: the file of the old name goes when the new one is there.
  private func freeName(_ name: RolloutName, in folder: FilePath) -> RolloutName {
    let parts = name.time.split(separator: "T")
    var time = Timestamp("\(parts[0])T\(parts[1].replacing("-", with: ":"))Z") ?? Timestamp(milliseconds: 0)
    while true {
      time = Timestamp(milliseconds: time.milliseconds + 1000)
      let free = RolloutName(at: time, thread: name.thread)
      if ((try? FileStamp.of(folder.appending(free.text))) ?? nil) == nil { return free }
    }
  }

  /// What a thread needs in which nothing is to be written otherwise, but whose provider left the configuration.
  ///
  /// Codex takes the provider from the last settings record, and what it lists from the first record (0.149.0 to
  /// 0.163.0); a row alone would be set back.
  func providerMending(
    _ session: IncomingSession, _ decision: Decision
  ) -> (write: SessionWrite, warnings: [SessionWarning])? {
    guard decision.classification == .unchanged, let id = decision.candidate, let thread = threads[id],
      !busy.contains(id), let catalogue, let row = thread.entry.row, !isConfigured(row["model_provider"]),
      let old = row["model_provider"]?.string,
      let transcript = try? local.transcript(thread.entry), let cwd = thread.cwd,
      !isToBeAdopted(id, transcript)
    else { return nil }
    let settings = settings(session, transcript, cwd, appendingTo: thread)
    let time = transcript.facts.lastTimestamp ?? transcript.head.meta.timestamp
    guard settings.hasModel, let time, let milliseconds = Timestamp(time)?.milliseconds,
      let target = try? appendTarget(thread, nil, provider: settings.modelProvider)
    else { return nil }
    let rendering = RolloutRendering(
      closing: SettingsRecord(timestamp: time, thread: id, settings: settings.record),
      for: target.ending.moved(by: target.provider?.shift ?? 0))
    let columns = ThreadRow(
      catalogue: catalogue, transcript: transcript, packed: nil, settings: settings, cwd: cwd)
    let change = columns.update(of: row, id: id, path: target.path, archive: nil, name: nil)
    let write = try? measured(
      id, .append(target), rendering,
      FileTime(seconds: milliseconds / 1000, nanoseconds: milliseconds % 1000 * 1_000_000),
      change.map { [$0] } ?? [], nil,
      .init(thread.lineage, turnCount: thread.turnCount ?? 0, thread.note, nil, cwd))
    return write.map { ($0, providerWarnings(settings, before: old)) }
  }

  /// Whether only the row of a thread names a provider that is gone, and adopting the thread mends it.
  private func isToBeAdopted(_ id: ThreadID, _ transcript: Transcript) -> Bool {
    let named = [
      transcript.head.meta.payload["model_provider"], transcript.facts.settings?["model_provider_id"],
    ]
    guard named.allSatisfy(isConfigured), (try? local.memory.isInLineage(id)) == false else { return false }
    return (try? TransferJournal.threads(in: planner.home).contains(id)) ?? false
  }
}
