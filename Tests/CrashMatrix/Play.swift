import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SessionSync
import SyncTestSupport
import SystemPackage

/// One scenario, prepared, and what its promise is.
struct Play {
  let scenario: Scenario
  let stage: Stage
  let command: [String]
  /// The home before the command, and after it.
  let before: HomeState
  let after: HomeState
  /// The transactions that are open before it: none, but where it is there to settle them.
  let open: [String]
  /// The points of the command, and its attempts to take a lock.
  let points: [Point]
  let locks: [Point]

  /// Prepares a scenario; carries the command out once to see what it comes to.
  init(_ scenario: Scenario, _ stage: Stage) throws {
    self.scenario = scenario
    self.stage = stage
    try stage.clear()
    try scenario.prepare(stage)
    command = try scenario.command(stage)
    try stage.save(.template)
    try stage.restore(.template)
    before = try stage.state()
    open = try stage.journal().open
    let counted = try stage.count(command + ["--json"])
    guard counted.outcome.status == 0 else { throw Broken("the command fails: \(counted.outcome.text)") }
    (points, locks) = (counted.points, counted.locks)
    after = try stage.state()
    guard before != after else { throw Broken("the command changes nothing") }
    try expectTidy()
    try repeatCommand()
  }

  /// What a home came to.
  enum Side { case before, after }

  /// Says whether the home is as it was or as it is to be; anything else is a broken promise.
  func side() throws -> Side {
    let state = try stage.state()
    if state == after { return .after }
    if state.equals(before, derivedFrom: after) { return .before }
    throw Broken(
      "neither before (\(state.difference(from: before))) nor after (\(state.difference(from: after)))")
  }

  /// Demands that no transaction is open, and that nothing lies about that nobody needs.
  func expectTidy() throws {
    let journal = try stage.journal()
    guard journal.open.isEmpty else { throw Broken("open: \(journal.open)") }
    guard journal.litter.isEmpty else { throw Broken("left over: \(journal.litter)") }
  }

  /// Carries the command out, which may have been done already, and then once more, when nothing may be left to do.
  func repeatCommand() throws {
    let first = try stage.run(command + ["--json"])
    guard first.status == 0 || isDone(first) else { throw Broken("the command again: \(first.text)") }
    let second = try stage.run(command + ["--json"])
    guard isDone(second) else { throw Broken("there is still something to do: \(second.text)") }
    guard try side() == .after else { throw Broken("the command again did nothing") }
    if let open = try stage.journal().open.first { throw Broken("still open: \(open)") }
  }

  /// Carries the command out, which may have been done already.
  func finishCommand() throws {
    let outcome = try stage.run(command + ["--json"])
    guard outcome.status == 0 || isDone(outcome) else { throw Broken("the command again: \(outcome.text)") }
    guard try side() == .after else { throw Broken("the command again did nothing") }
  }

  private func isDone(_ outcome: Outcome) -> Bool {
    if let code = scenario.doneCode { return outcome.status == 1 && outcome.code == code }
    return outcome.status == 0 && outcome.json?["status"] == "nothing_to_do"
  }

  /// Demands that a package is judged with the sidecar as it is without.
  func expectSidecarAgrees() throws {
    guard try FileStamp.of(stage.package) != nil else { return }
    let with = try plan()
    let sidecar = stage.home.pushing("session-sync/sidecar.sqlite")
    for suffix in ["", "-journal"] { try DurableFile.remove(FilePath(sidecar.string + suffix)) }
    let without = try plan()
    guard with.digest == without.digest else {
      throw Broken("with a sidecar \(Self.text(with)), without \(Self.text(without))")
    }
  }

  private func plan() throws -> SyncPlan {
    let scratch = stage.folder.appending("scratch")
    try Folder.removeTree(scratch)
    try Folder.create(scratch.appending("package"))
    let surroundings = Surroundings(
      localHome: stage.user.string, scratch: scratch, now: Timestamp(milliseconds: 1_795_200_000_000),
      entropy: { [UInt8](repeating: 7, count: 16) })
    let package = try SessionPackage.open(stage.package, staging: scratch.appending("package"))
    return try Sync(
      home: try CodexHome(stage.home, sqliteHome: nil), package: package, options: SyncOptions(),
      surroundings: surroundings
    ).plan()
  }

  private static func text(_ plan: SyncPlan) -> String {
    plan.sessions.map { "\($0.classification?.rawValue ?? "-")/\($0.action.rawValue)" }.joined(separator: " ")
  }
}
