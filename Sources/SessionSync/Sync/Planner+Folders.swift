import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// Where a session works on this machine.
struct WorkingFolder: Sendable, Hashable {
  /// The folder.
  let path: String
  /// The rule that gave it; nil where none applied.
  let rule: PathMap.Rule?
  /// What stands in the way of working there.
  let blocker: Blocker?
}

extension Planner {
  /// The rules for a session: where its thread is known here, its own working directory is one.
  func paths(
    _ session: IncomingSession, _ candidate: LocalThread?, _ earlier: EarlierDeliveries
  ) -> PathMap {
    let map = PathMap(
      explicit: options.maps, remembered: earlier.paths, sourceHome: package.sourceHome,
      realSourceHome: package.lineage?.realSourceHome, localHome: surroundings.localHome,
      guarded: trusts(earlier) ? nil : guarded)
    guard let from = session.transcript?.head.meta.cwd, let candidate,
      let to = candidate.note.facts.firstCwd, teaches(candidate, to, from)
    else { return map }
    return map.learning(.init(from: from, to: to))
  }

  /// Where a session's thread works here.
  ///
  /// A thread that is here already stays where it is, unless `--map` says otherwise; so does one whose file nobody can
  /// read and whose row says where it worked.
  func folder(
    of session: IncomingSession, _ paths: PathMap, appendingTo local: LocalThread?, replacing old: LocalEntry?
  ) -> WorkingFolder {
    let wanted = session.cwd ?? ""
    let place = paths.place(of: wanted)
    if place.rule != .explicit, let local, let own = local.cwd, FilePath(own).isAbsolute,
      teaches(local, own, wanted)
    {
      return WorkingFolder(path: own, rule: .learned, blocker: nil)
    }
    if place.rule != .explicit, let own = old?.row?["cwd"]?.string, FilePath(own).isAbsolute {
      return WorkingFolder(path: own, rule: .learned, blocker: nil)
    }
    guard place.danger == .tooLong || FilePath(place.path).isAbsolute else {
      return WorkingFolder(
        path: place.path, rule: nil, blocker: Blocker(.unsafeFolder, path: wanted, detail: "no_path"))
    }
    let blocker = place.danger.map { Blocker(.unsafeFolder, path: place.path, detail: $0.rawValue) }
    return WorkingFolder(path: place.path, rule: place.rule, blocker: blocker ?? linked(place.path))
  }

  /// Whether the user said that the packing machine is his, now or before.
  func trusts(_ earlier: EarlierDeliveries) -> Bool { options.trustsOrigin || earlier.isTrusted }

  /// Whether the folder of a thread that is here tells where the user wants it.
  ///
  /// That of one which the transfer tool installed as the other machine has it, and that is not here, does not.
  private func teaches(_ local: LocalThread, _ own: String, _ theirs: String) -> Bool {
    guard own == theirs, ((try? FileStamp.ofTarget(FilePath(own))) ?? nil) == nil else { return true }
    let installed = (try? TransferJournal.threads(in: home)) ?? []
    return !installed.contains(local.entry.id)
  }

  /// What stands in the way of making a folder: a link between the home folder and it.
  private func linked(_ folder: String) -> Blocker? {
    guard options.createsDirectories, isToBeMade(FilePath(folder)) else { return nil }
    let home = FilePath(surroundings.localHome)
    var path = FilePath(folder)
    var link: FilePath?
    while path != home, path.removeLastComponent(), path != home {
      if ((try? FileStamp.of(path)) ?? nil)?.kind == .symbolicLink { link = path }
    }
    return link.map { Blocker(.unsafeFolder, path: $0.string, detail: "behind_link") }
  }

  /// Whether a folder is missing that could be made: below the home folder, and nothing but folders in its way.
  func isToBeMade(_ folder: FilePath) -> Bool {
    let home = FilePath(surroundings.localHome)
    guard folder.starts(with: home), folder.lexicallyNormalized() == folder, Self.isMakeable(folder) else {
      return false
    }
    if WriteAccess.obstacle(makingIn: folder) != nil { return false }
    do throws(FileError) {
      if try FileStamp.ofTarget(folder) != nil { return false }
    } catch {
      return false
    }
    var above = folder.removingLastComponent()
    while true {
      if let stamp = (try? FileStamp.ofTarget(above)) ?? nil { return stamp.kind == .folder }
      if !above.removeLastComponent() { return false }
    }
  }

  /// The folders that are to be made, each once.
  func missingFolders(_ sessions: [SessionPlan]) -> [FilePath] {
    guard options.createsDirectories else { return [] }
    var missing: [FilePath] = []
    for folder in sessions.filter({ $0.write != nil }).compactMap(\.localCwd).map({ FilePath($0) })
    where !missing.contains(folder) && isToBeMade(folder) {
      missing.append(folder)
    }
    return missing
  }

  /// Whether no system's limits stand in the way: 255 bytes a component, 4,095 in all.
  private static func isMakeable(_ folder: FilePath) -> Bool {
    folder.string.utf8.count < 4096 && folder.components.allSatisfy { $0.string.utf8.count <= 255 }
  }

  /// The sessions whose thread may be told another folder: a thread receives one append a plan at most.
  func moving(_ outcomes: [Reconciliation.Outcome?]) -> Set<Int> {
    if options.maps.isEmpty { return [] }
    var taken = Set(outcomes.compactMap { $0?.isWritten == true ? $0?.target : nil })
    return Set(
      outcomes.indices.filter { index in
        guard let decision = outcomes[index]?.decision, decision.classification == .unchanged,
          let candidate = decision.candidate
        else { return false }
        return taken.insert(candidate).inserted
      })
  }

  /// What the user said of folders that no session of the package works in, and the folders that they do work in.
  func unmatchedMaps(_ sessions: [IncomingSession]) -> (maps: [PathMap.Prefix], folders: [String]) {
    let folders = Set(sessions.flatMap { [$0.cwd, $0.transcript?.head.meta.cwd].compactMap(\.self) })
    let unmatched = options.maps.filter { map in !folders.contains { PathMap.isBelow($0, map.from) } }
    return (unmatched, unmatched.isEmpty ? [] : Set(sessions.compactMap(\.cwd)).sorted())
  }
}
