import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// With which settings a thread works on this machine.
extension SessionPlanner {
  func settings(
    _ session: IncomingSession, _ transcript: Transcript, _ cwd: String, appendingTo local: LocalThread?
  ) -> ReceiverSettings {
    let facts = transcript.facts
    let models = [
      facts.settings?["model"]?.string, facts.turnContext?["model"]?.string,
      session.packaged.row?["model"]?.string, config.model, self.local.catalogue?.lastModel,
    ].compactMap(\.self)
    let mode =
      facts.settings?["collaboration_mode"]?["settings"]
      ?? facts.turnContext?["collaboration_mode"]?["settings"]
    let own = local.flatMap { $0.entry.row?["model_provider"] ?? Self.ownProvider($0) }?.string
    return ReceiverSettings(
      config: (try? config.inFolder(cwd)) ?? config, cwd: cwd, localHome: planner.surroundings.localHome,
      model: models.first(where: SettingWord.isModel),
      effort: facts.settings?["reasoning_effort"]?.string ?? facts.turnContext?["effort"]?.string
        ?? mode?["reasoning_effort"]?.string,
      provider: own ?? session.provider)
  }

  /// The provider of a thread that has no row, as its transcript names it.
  private static func ownProvider(_ thread: LocalThread) -> JSONValue? {
    (try? RolloutPeek(thread.entry.head.path))?.meta.payload["model_provider"]
  }

  /// Whether threads of this provider can be resumed here; one that names none can.
  func isConfigured(_ provider: JSONValue?) -> Bool {
    provider?.string.map(config.knownProviders.contains) ?? true
  }

  /// What is to be said of the provider with which a thread will be resumed here.
  func providerWarnings(_ settings: ReceiverSettings, before: String?) -> [SessionWarning] {
    if let before, before != settings.modelProvider {
      return [.init(.providerReplaced, "\(before) by \(settings.modelProvider)")]
    }
    guard settings.modelProvider != config.modelProvider else { return [] }
    return [.init(.providerInactive, "\(settings.modelProvider), not \(config.modelProvider)")]
  }

  /// What tells that the session was here before, and that its delivery was undone, or left where others were.
  ///
  /// It comes again all the same: only whoever asks for it delivers it.
  func undoings(
    _ session: IncomingSession, _ outcome: Reconciliation.Outcome?, isWritten: Bool
  ) -> [SessionWarning] {
    guard let outcome, let history = session.lineage?.head,
      let met = try? written.undoneDeliveries(of: history)
    else { return [] }
    func place(_ met: Sidecar.UndoneDelivery) -> String {
      "\(met.time.prefix(16).replacing("T", with: " ")) UTC, rollback \(met.undoer)"
    }
    let common = outcome.decision.common
    if isWritten, let undone = met.first(where: { !$0.isKept && $0.baseLength > common }) {
      return [.init(.undoneBefore, place(undone))]
    }
    let left = met.first { $0.isKept && $0.baseLength == history.count && $0.thread == outcome.target }
    return left.map { [.init(.keptBefore, place($0))] } ?? []
  }

  /// What tells that a side has less than it had: a damaged thread here, an older or damaged copy there.
  func shrinkage(_ session: IncomingSession, _ local: LocalThread?) -> [SessionWarning] {
    var warnings: [SessionWarning] = []
    if let local, let noted = try? written.lost(by: local) {
      warnings.append(.init(.localShrunk, "\(local.lineage.head.count) of \(noted) records"))
    }
    if let base = earlier.mappings[session.packaged.threadID]?.baseLength,
      let count = session.lineage?.head.count, count < base
    {
      warnings.append(.init(.incomingShrunk, "\(count) of \(base) records"))
    }
    return warnings
  }

  func warnings(
    _ session: IncomingSession, _ transcript: Transcript, _ settings: ReceiverSettings,
    _ cwd: WorkingFolder, _ dropped: DroppedKeys, appendingTo candidate: LocalThread?
  ) -> [SessionWarning] {
    let own = candidate?.entry.row?["model_provider"]?.string
    var warnings: [SessionWarning] = []
    let folder = FilePath(cwd.path)
    let isThere = ((try? FileStamp.ofTarget(folder)) ?? nil) != nil
    let isMade = planner.options.createsDirectories && planner.isToBeMade(folder)
    if cwd.rule == nil {
      warnings.append(.init(.cwdUnmapped, session.cwd ?? cwd.path))
    } else if !isThere, !isMade {
      warnings.append(.init(.cwdMissing, cwd.path))
    }
    warnings += providerWarnings(settings, before: own ?? session.provider)
    if !dropped.isEmpty {
      warnings.append(.init(.keysDropped, dropped.counts.keys.sorted().joined(separator: ", ")))
    }
    if let problem = refusal ?? local.catalogueProblem { warnings.append(.init(.filesOnly, problem)) }
    if let migration = local.catalogue?.migration, migration < ReceiverSettings.honouredFromMigration {
      warnings.append(.init(.settingsNotHonoured, "catalogue migration \(migration)"))
    }
    return warnings
  }
}

extension IncomingSession {
  /// The provider that the session was on last, by its row, else by its file.
  var provider: String? {
    packaged.row?["model_provider"]?.string ?? transcript?.head.meta.payload["model_provider"]?.string
  }
}
