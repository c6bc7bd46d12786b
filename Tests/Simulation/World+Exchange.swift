import DurableFiles
import Rollout
import SessionPackage
import SessionSync
import SyncTestSupport
import SystemPackage

/// Packages, and what must hold when they arrive.
extension World {
  /// Packs threads, as our program does or as the transfer tool does.
  ///
  /// - Parameter only: these threads, our program adding their sub-agents; nil for all.
  /// - Returns: nil where there was nothing that could be packed.
  func pack(_ machine: Int, isOurs: Bool, only: [ThreadID]? = nil) throws -> Parcel? {
    let view = views[machine]
    let number = parcels.count
    let path = folder.appending("package-\(number)")
    var packed = view.sorted.filter { only?.contains($0.id) ?? true }
    if isOurs {
      let before = try stamps(machine)
      var options = Packup.Options(.all)
      if let only { options.selection = .threads(only) }
      if packed.isEmpty { return nil }
      let result: Packup.Result
      do {
        result = try Packup(home: home(machine), options: options, surroundings: surroundings(machine)).write(
          to: path)
      } catch SyncError.rollout where packed.allSatisfy({ $0.head == nil }) {
        return nil
      }
      packed = result.packed.compactMap { view.threads[$0.thread] }
      for (thread, blocker) in result.blocked where view.threads[thread]?.head != nil {
        throw Violation("\(machines[machine].name) could not pack \(name(thread)): \(blocker)")
      }
      let after = try stamps(machine).filter { !$0.key.contains("/session-sync/") }
      if after != before.filter({ !$0.key.contains("/session-sync/") }) {
        throw Violation("packup wrote into the home")
      }
      remember(machine, only: packed.map(\.id))
    } else {
      packed = packed.filter { $0.head != nil && view.rows[$0.id] != nil }
      if packed.isEmpty { return nil }
      try TransferForm.pack(packed, of: machines[machine], to: path)
    }
    let rollouts = Set(packed.map(\.current.path))
    let sessions = packed.map { thread in
      Parcel.Session(
        id: thread.id, history: thread.head ?? [], format: thread.current.format,
        lacksBase: !isOurs && !reaches(thread.current, rollouts, view),
        isBare: !isOurs && isBare(thread))
    }
    let parcel = Parcel(number: number, path: path, isOurs: isOurs, sessions: sessions)
    parcels.append(parcel)
    note(
      "\(machines[machine].name) packs \(isOurs ? "" : "in the transfer form ")#\(number): "
        + sessions.map { "\(name($0.id)) \($0.history)" }.joined(separator: ", "))
    return parcel
  }

  /// Delivers a package, looked at before and after; answers what was done.
  ///
  /// - Parameters:
  ///   - busy: a thread that Codex has loaded here meanwhile.
  ///   - restoring: whether what was deleted here is to come back.
  ///   - isLookedAt: whether a dry run goes before and another comes after; without them it is four times as fast.
  @discardableResult
  func deliver(
    _ parcel: Parcel, to machine: Int, busy: ThreadID? = nil, restoring: Bool = false,
    isLookedAt: Bool = true
  ) throws -> [Verdict] {
    note(
      "\(machines[machine].name) receives #\(parcel.number)" + (busy.map { ", \(name($0)) being open" } ?? "")
    )
    let lockPath = busy.map {
      machines[machine].home.appending("thread-writer-locks").appending("\($0).lock")
    }
    if let lockPath { try Folder.create(lockPath.removingLastComponent()) }
    let lock = try lockPath.map { HeldLock(try FileLock.acquire($0)) }
    defer {
      withExtendedLifetime(lock) {}
      if let lockPath { try? DurableFile.remove(lockPath) }
    }
    let untouched = try stamps(machine)
    let shown = isLookedAt ? try sync(parcel, machine, restoring).plan() : nil
    try expectUntouched(machine, since: untouched, "a dry run")
    let before = views[machine]
    let result = try sync(parcel, machine, restoring).execute(expecting: shown?.digest)
    let verdicts = try Verdict.all(of: result.plan)
    for verdict in verdicts {
      note("  \(name(verdict.thread)): \(verdict) \(verdict.target.map(name) ?? "")")
    }
    if result.transaction == nil {
      try expectUntouched(machine, since: untouched, "a run without a transaction")
    }
    try look(machine)
    if let shown, try Verdict.all(of: shown) != verdicts {
      throw Violation("\(machines[machine].name): the dry run said \(try Verdict.all(of: shown))")
    }
    try Delivery(
      world: self, parcel: parcel, machine: machine, verdicts: verdicts, before: before, busy: busy,
      restoring: restoring
    ).check()
    if let transaction = result.transaction {
      learn(transaction, machine, since: before, brought: brought(by: verdicts, to: machine, before))
    }
    try look(machine)
    guard isLookedAt else { return verdicts }
    let written = try stamps(machine)
    let again = try sync(parcel, machine, restoring).plan()
    if !again.isEmpty {
      let second = try Verdict.all(of: again).filter(\.isWritten).map { "\(name($0.thread)) \($0)" }
      throw Violation(
        "\(machines[machine].name): a second delivery of #\(parcel.number) would write \(second)")
    }
    try expectUntouched(machine, since: written, "looking at a package again")
    return verdicts
  }

  /// Installs a package as the transfer tool does, over whatever is there.
  ///
  /// - Parameter isJournaled: whether its journal stays, by which `adopt` finds what it installed.
  func transferInstall(
    _ parcel: Parcel, on machine: Int, localising: Bool, isJournaled: Bool = false
  ) throws {
    note(
      "\(machines[machine].name) installs #\(parcel.number) with the transfer tool"
        + (isJournaled ? ", which keeps a journal" : ""))
    try TransferForm.install(
      parcel.path, on: machines[machine], cwd: localising ? machines[machine].cwd : nil,
      journal: isJournaled ? truth.newID() : nil)
    if isJournaled { ledgers[machine].installed.formUnion(parcel.sessions.map(\.id)) }
    try look(machine, isTaking: true)
    for session in parcel.sessions {
      guard let thread = views[machine].threads[session.id] else { continue }
      // Which records the user took away is no longer known: all that Codex does not show counts as taken.
      ledgers[machine].rewound += thread.segments
      if let root = closedRoots[session.id], root != session.id, !thread.current.hasMarker {
        blurred.insert(root)
      }
    }
    for session in parcel.sessions {
      ledgers[machine].owed.formUnion(views[machine].threads[session.id]?.head ?? [])
    }
  }

  /// What a run wrote: whole histories into new threads, tails into others.
  func brought(by verdicts: [Verdict], to machine: Int, _ before: HomeView) -> Set<Int> {
    let targets = verdicts.filter(\.isWritten).compactMap(\.target)
    return Set(
      targets.flatMap { id in
        Set(views[machine].threads[id]?.head ?? []).subtracting(before.threads[id]?.head ?? [])
      })
  }

  func sync(_ parcel: Parcel, _ machine: Int, _ restoring: Bool) throws -> Sync {
    let surroundings = try surroundings(machine)
    let package = try SessionPackage.open(parcel.path, staging: surroundings.scratch)
    var options = SyncOptions()
    options.importsCollisions = importsCollisions
    options.restoresDeleted = restoring
    return Sync(home: try home(machine), package: package, options: options, surroundings: surroundings)
  }

  /// Whether all that a rollout goes on from is among these files.
  ///
  /// A thread of which the transfer tool made a second copy is packed as that copy, whose bytes are others.
  private func reaches(_ rollout: RolloutView, _ packed: Set<FilePath>, _ view: HomeView) -> Bool {
    guard let base = rollout.base else { return true }
    guard let other = view.rollouts[base.rollout], packed.contains(other.path) else { return false }
    return reaches(other, packed, view)
  }

  private func isBare(_ thread: HomeView.Thread) -> Bool {
    closedRoots[thread.id].map { $0 != thread.id && !thread.current.hasMarker } ?? false
  }
}

/// A lock of Codex's, held until the value ends.
private final class HeldLock {
  private let lock: FileLock?
  init(_ lock: consuming FileLock?) { self.lock = lock }
}
