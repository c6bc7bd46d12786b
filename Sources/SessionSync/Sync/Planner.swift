import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// Turns a package and a home into a plan.
///
/// Writes nothing.
struct Planner {
  let home: CodexHome
  let package: SessionPackage
  let options: SyncOptions
  let surroundings: Surroundings
  let cache: ScanCache
  /// Folders that no package chooses to work in.
  let guarded: GuardedFolders
  /// Threads that turned out to be locked when they were to be written.
  var busy: Set<ThreadID> = []
  /// Sessions of the package that turned out to need what cannot be written.
  var unwritable: [ThreadID: Blocker] = [:]

  init(
    home: CodexHome, package: SessionPackage, options: SyncOptions, surroundings: Surroundings,
    cache: ScanCache
  ) {
    self.home = home
    self.package = package
    self.options = options
    self.surroundings = surroundings
    self.cache = cache
    guarded = GuardedFolders(
      homes: [surroundings.localHome, surroundings.userHome].map { FilePath($0) }, codexHome: home.root)
  }

  /// The plan, and the threads of the home that it was made for.
  ///
  /// A catalogue that would not take the plan's rows gets none: Codex makes them from the files when it can.
  func plan() throws(SyncError) -> (plan: SyncPlan, local: LocalThreads) {
    let planned = try plan(refusal: nil)
    let refusal = try CatalogueRows(home: home).refusal(
      of: planned.plan.rows, scratch: surroundings.scratch)
    guard let refusal else { return planned }
    return try plan(refusal: refusal)
  }

  private func plan(refusal: String?) throws(SyncError) -> (plan: SyncPlan, local: LocalThreads) {
    let config = try lift(SyncError.home) { () throws(CodexHomeError) in try home.config() }
    let local = try LocalThreads(home, surroundings, cache: cache)
    try local.requireWhole()
    let earlier = try local.memory.deliveries(from: package.lineage?.origin)
    let incoming = readSessions(local)
    let threads = try loadLocal(local, for: incoming)
    let busyThreads = try BusyThreads(
      among: Array(threads.loaded.keys), incoming: incoming.map(\.packaged.threadID), of: home, known: busy)
    let obstacles = try WriteObstacles(home)
    let (outcomes, sessions) = try decide(
      incoming, local, threads, busyThreads, earlier, obstacles, config, refusal: refusal)
    let folders = missingFolders(sessions)
    let skills = try package.skills.map { skill throws(SyncError) in
      try SkillPlan(skill, in: home, installs: options.importsMissingSkills)
    }
    let appended = Set(
      sessions.filter { $0.action == .append && !$0.isMove }.compactMap(\.localThreadID))
    let met = Set(outcomes.compactMap { $0?.decision.candidate }).subtracting(appended)
    let isEntering = obstacles.catalogue == nil && refusal == nil
    let adopter = try Adopter(home: home, local: local, surroundings: surroundings)
    let adoptions =
      isEntering ? try adopter.adoptions(among: met.sorted().compactMap { threads.loaded[$0] }) : []
    let entries =
      isEntering
      ? entries(for: met.subtracting(adoptions.map(\.thread)), incoming, local, threads.loaded, config) : []
    let trust = options.trustsOrigin && package.lineage?.origin != nil && !earlier.isTrusted
    let unmatched = unmatchedMaps(incoming)
    let plan = SyncPlan(
      package: package.path, origin: package.lineage?.origin, sessions: sessions,
      packageWarnings: package.warnings, homeWarnings: local.files.warnings, notes: try notes(local),
      digest: PlanDigest.of(
        sessions, folders, skills.compactMap(\.write), adoptions, entries, trustsOrigin: trust),
      folders: folders, skills: skills, adoptions: adoptions, entries: entries, pathMappings: options.maps,
      trustsOrigin: trust, unmatchedMaps: unmatched.maps, packageFolders: unmatched.folders)
    return (plan, local)
  }

  private func notes(_ local: LocalThreads) throws(SyncError) -> [HomeNote] {
    let unused = try lift(SyncError.home) { () throws(CodexHomeError) in try home.unusedCatalogue() }
    return [unused.map(HomeNote.unusedCatalogue)].compactMap(\.self)
      + (local.catalogue?.isComplete == false ? [.unfinishedCatalogue] : [])
  }

  /// The threads among those that sessions were recognised as of which the catalogue knows nothing.
  private func entries(
    for met: Set<ThreadID>, _ incoming: [IncomingSession], _ local: LocalThreads,
    _ threads: [ThreadID: LocalThread], _ config: HomeConfig
  ) -> [CatalogueEntry] {
    let packaged = Dictionary(
      incoming.map { ($0.packaged.threadID, $0.packaged) }, uniquingKeysWith: { first, _ in first })
    let entries = CatalogueEntries(home: home, config: config, local: local, surroundings: surroundings)
    return met.sorted().compactMap { id in
      guard let thread = threads[id], thread.entry.isUnlisted else { return nil }
      // One that cannot be read again just now is entered by the next delivery.
      return (try? entries.entry(of: thread, name: packaged[id].flatMap { ThreadNaming($0).name })) ?? nil
    }
  }

  /// Decides what becomes of each session; again, where what one would write turns out not to be writable: the others
  /// may then be something else.
  private func decide(
    _ incoming: [IncomingSession], _ local: LocalThreads, _ threads: FoundThreads, _ busy: BusyThreads,
    _ earlier: EarlierDeliveries, _ obstacles: WriteObstacles, _ config: HomeConfig, refusal: String?
  ) throws(SyncError) -> ([Reconciliation.Outcome?], [SessionPlan]) {
    var planner = self
    while true {
      let outcomes = try planner.reconcile(incoming, local, threads, busy, earlier)
      let builder = SessionPlanner(
        planner: planner, config: config, local: local, threads: threads.loaded,
        unreadable: threads.unreadable, busy: busy, written: local.memory, earlier: earlier,
        renames: renames(incoming, outcomes), obstacles: obstacles,
        creations: creations(incoming, outcomes, local, threads.loaded), refusal: refusal)
      let moving = moving(outcomes)
      let sessions = Parallel.map(incoming.count) { [surroundings] done in
        surroundings.progress(.init(phase: .comparing, done: done, total: incoming.count))
      } _: { index in
        builder.plan(
          incoming[index], outcomes[index], damaged: threads.damaged[incoming[index].packaged.threadID],
          mayMove: moving.contains(index))
      }
      let before = planner.unwritable.count
      for session in sessions {
        guard let blocker = session.blockers.first(where: { $0.code == .unwritable }) else { continue }
        planner.unwritable[session.threadID] = blocker
      }
      if planner.unwritable.count == before { return (outcomes, sessions) }
    }
  }

  private func readSessions(_ local: LocalThreads) -> [IncomingSession] {
    let selected = package.sessions.filter { options.only?.contains($0.threadID) ?? true }
    let bases = Dictionary(
      package.sessions.flatMap(\.rollouts).map { ($0.name.rolloutID, $0) },
      uniquingKeysWith: { first, _ in first })
    cache.keep(package.sessions.flatMap(\.rollouts).map(\.file), to: package.packedBytes)
    let heads = selected.filter(\.problems.isEmpty).compactMap(\.rollouts.first).map { ($0.file, $0.name) }
    cache.prepare(heads) { [surroundings] done in
      surroundings.progress(.init(phase: .reading, done: done, total: heads.count))
    }
    return selected.map { session in
      IncomingSession(session, in: package, bases: bases, local: local, cache: cache)
    }
  }

  /// The local threads that can matter.
  struct FoundThreads {
    var loaded: [ThreadID: LocalThread] = [:]
    /// Those whose file nobody can read, and whose place a copy may take.
    var unreadable: [ThreadID: SessionWrite.UnreadableRollout] = [:]
    /// Those that stand in the way of a session of their id.
    var damaged: [ThreadID: Blocker] = [:]
  }

  /// Looks at the local threads that share a lineage key or an id with a session.
  private func loadLocal(
    _ local: LocalThreads, for incoming: [IncomingSession]
  ) throws(SyncError) -> FoundThreads {
    let keys = Set(incoming.flatMap { $0.lineage?.lineageKeys ?? [] })
    let ids = Set(try local.possible(keys)).union(incoming.map(\.packaged.threadID))
    let heads = Dictionary(
      incoming.compactMap { session in session.lineage.map { (session.packaged.threadID, $0.head) } },
      uniquingKeysWith: { first, _ in first })
    var found = FoundThreads()
    for id in ids.sorted() {
      do throws(RolloutError) {
        found.loaded[id] = try local.load(id)
      } catch {
        if error.isNoRollout, let head = heads[id], let replaced = local.unreadable(id, containedIn: head) {
          found.unreadable[id] = replaced
        } else {
          found.damaged[id] = Blocker(error)
        }
      }
    }
    return found
  }

  private func reconcile(
    _ incoming: [IncomingSession], _ local: LocalThreads,
    _ threads: FoundThreads, _ busy: BusyThreads, _ earlier: EarlierDeliveries
  ) throws(SyncError) -> [Reconciliation.Outcome?] {
    // Sessions that could not be read, and those whose own local thread cannot be, take no part.
    let readable = incoming.indices.filter {
      incoming[$0].lineage != nil && threads.damaged[incoming[$0].packaged.threadID] == nil
    }
    let surroundings = Reconciliation.Surroundings(
      isTaken: local.isTaken, isDeleted: { !options.restoresDeleted && local.isDeleted($0) },
      isBlocked: { index, decision in
        !self.blockers(incoming[readable[index]], decision, local, threads.loaded, busy, earlier).isEmpty
      },
      time: { index, record in Self.time(of: record, in: incoming[readable[index]]) },
      mapped: { earlier.mappings[incoming[readable[$0]].packaged.threadID]?.localThread },
      importsCollisions: options.importsCollisions, origin: package.lineage?.origin)
    let keys = Set(incoming.flatMap { $0.lineage?.lineageKeys ?? [] })
    var reconciliation = Reconciliation(
      threads: threads.loaded.values.map(\.lineage).sorted { $0.id < $1.id },
      tombstones: options.restoresDeleted ? [] : try local.tombstones(keys), surroundings: surroundings)
    let outcomes = reconciliation.outcomes(of: readable.compactMap { incoming[$0].lineage })
    var all: [Reconciliation.Outcome?] = Array(repeating: nil, count: incoming.count)
    for (position, index) in readable.enumerated() { all[index] = outcomes[position] }
    return all
  }

  /// What stands in the way of carrying a decision out.
  func blockers(
    _ session: IncomingSession, _ decision: Decision, _ local: LocalThreads,
    _ threads: [ThreadID: LocalThread],
    _ busy: BusyThreads, _ earlier: EarlierDeliveries
  ) -> [Blocker] {
    guard let transcript = session.transcript else { return session.blockers }
    let candidate = decision.candidate.flatMap { threads[$0] }
    let isAppend = decision.classification == .fastForwardImport
    let folder = folder(
      of: session, paths(session, candidate, earlier), appendingTo: isAppend ? candidate : nil,
      replacing: threads[session.packaged.threadID] == nil ? local.entries[session.packaged.threadID] : nil)
    let format = transcript.head.meta.format
    if decision.classification != .unchanged, let blocker = unwritable[session.packaged.threadID] {
      return [blocker]
    }
    switch decision.classification {
    case .unchanged: return []
    case .fastForwardImport:
      guard let id = decision.candidate, let thread = threads[id] else { return [] }
      var blockers: [Blocker] = []
      if thread.format != format {
        let detail = "local is \(thread.format.rawValue), incoming is \(format.rawValue)"
        blockers.append(Blocker(.historyModeMismatch, path: thread.entry.head.path.string, detail: detail))
      }
      if let reason = thread.entry.foreignness(thread.format) {
        blockers.append(Blocker(.foreignFile, path: thread.entry.head.path.string, detail: reason))
      }
      if busy.contains(id) { blockers.append(busy.blocker(id)) }
      return blockers + [folder.blocker].compactMap(\.self)
    case .idCollisionUnrelated where !options.importsCollisions: return []
    case .newLineage, .divergedLineage, .idCollisionUnrelated:
      if let unfit = Blocker(unfit: transcript.head) { return [unfit] }
      // Codex may still have a thread loaded whose file is gone.
      if decision.classification == .newLineage, busy.contains(session.packaged.threadID) {
        return [busy.blocker(session.packaged.threadID)]
      }
      // Paginated rollouts are readable from 0.147.0 on, whose newest migration is 46.
      if format == .paginated, let migration = local.catalogue?.migration, (1..<46).contains(migration) {
        return [Blocker(.unsupportedByLocalCodex, detail: "paginated, catalogue migration \(migration)")]
      }
      return [folder.blocker].compactMap(\.self)
    }
  }

  /// Unix milliseconds of a history record: its own timestamp, else the thread's.
  static func time(of record: Int, in session: IncomingSession) -> UInt64 {
    guard let transcript = session.transcript else { return 0 }
    let fallback = transcript.head.meta.timestamp
    let text = (try? transcript.timestamp(ofHistoryRecord: record)) ?? fallback
    return UInt64(max(0, (text ?? fallback).flatMap { Timestamp($0) }?.milliseconds ?? 0))
  }

  /// Sessions that have another id here than they came with; children name their parent by that.
  private func renames(_ incoming: [IncomingSession], _ outcomes: [Reconciliation.Outcome?]) -> [ThreadID:
    ThreadID]
  {
    var renames: [ThreadID: ThreadID] = [:]
    for (session, outcome) in zip(incoming, outcomes) {
      if let target = outcome?.target, target != session.packaged.threadID {
        renames[session.packaged.threadID] = target
      }
    }
    return renames
  }

}
