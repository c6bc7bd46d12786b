import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// Where a thread works on this machine, and with which settings.
extension SessionPlanner {
  /// The rules for this session: where its thread is known here, its own working directory is one.
  func pathMap(_ transcript: Transcript, _ candidate: LocalThread?) -> PathMap {
    let map = PathMap(
      explicit: planner.options.maps, remembered: earlier.paths, sourceHome: planner.package.sourceHome,
      localHome: planner.surroundings.localHome)
    guard let from = transcript.head.meta.cwd, let to = candidate?.note.facts.firstCwd else {
      return map
    }
    return map.learning(.init(from: from, to: to))
  }

  /// Where the thread works on this machine.
  ///
  /// A thread that is here already stays where it is, unless `--map` says otherwise. A folder that is no path of
  /// this kind of machine, and that no rule moves, becomes the local home: Codex ignores settings that name it, and
  /// with them the receiver's permissions (0.163.0).
  func localCwd(
    _ session: IncomingSession, _ paths: PathMap, appendingTo local: LocalThread?
  ) -> (path: String, rule: PathMap.Rule?) {
    let home = planner.surroundings.localHome
    let found = paths.localise(session.cwd ?? home)
    if found.rule != .explicit, let own = local?.cwd, FilePath(own).isAbsolute { return (own, .learned) }
    return FilePath(found.path).isAbsolute ? found : (home, nil)
  }

  func settings(
    _ session: IncomingSession, _ transcript: Transcript, _ cwd: String, appendingTo local: LocalThread?
  ) -> ReceiverSettings {
    let facts = transcript.facts
    let models = [
      facts.settings?["model"]?.string, facts.turnContext?["model"]?.string,
      session.packaged.row?["model"]?.string, planner.home.config.model, self.local.catalogue?.lastModel,
    ].compactMap(\.self)
    let mode =
      facts.settings?["collaboration_mode"]?["settings"]
      ?? facts.turnContext?["collaboration_mode"]?["settings"]
    let incomingProvider =
      session.packaged.row?["model_provider"]?.string
      ?? transcript.head.meta.payload["model_provider"]?.string
    return ReceiverSettings(
      config: planner.home.config, cwd: cwd, localHome: planner.surroundings.localHome,
      model: models.first(where: SettingWord.isModel),
      effort: facts.settings?["reasoning_effort"]?.string ?? facts.turnContext?["effort"]?.string
        ?? mode?["reasoning_effort"]?.string,
      provider: local?.entry.row?["model_provider"]?.string ?? incomingProvider)
  }

  /// Whether threads of this provider can be resumed here; one that names none can.
  func isConfigured(_ provider: JSONValue?) -> Bool {
    provider?.string.map(planner.home.config.knownProviders.contains) ?? true
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
    _ cwd: (path: String, rule: PathMap.Rule?), _ dropped: DroppedKeys
  ) -> [SessionWarning] {
    var warnings: [SessionWarning] = []
    let isThere = ((try? FileStamp.ofTarget(FilePath(cwd.path))) ?? nil) != nil
    if cwd.rule == nil {
      warnings.append(.init(.cwdUnmapped, session.cwd ?? cwd.path))
    } else if !isThere {
      warnings.append(.init(.cwdMissing, cwd.path))
    }
    if let provider = session.packaged.row?["model_provider"]?.string, !isConfigured(.string(provider)) {
      warnings.append(.init(.providerReplaced, "\(provider) by \(settings.modelProvider)"))
    }
    if !dropped.isEmpty {
      warnings.append(.init(.keysDropped, dropped.counts.keys.sorted().joined(separator: ", ")))
    }
    if let problem = local.catalogueProblem { warnings.append(.init(.filesOnly, problem)) }
    if let migration = local.catalogue?.migration, migration < ReceiverSettings.honouredFromMigration {
      warnings.append(.init(.settingsNotHonoured, "catalogue migration \(migration)"))
    }
    return warnings
  }
}
