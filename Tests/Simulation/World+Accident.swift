import CanonicalJSON
import DurableFiles
import Rollout
import SessionPackage
import SessionSync
import Sidecar
import SyncTestSupport
import SystemPackage

/// What deliveries can be interrupted with: the built program, and what stops it at one of its system calls.
public struct AccidentTools: Sendable {
  /// The built program.
  public let program: String
  /// The library that is loaded in front of it (`Tests/CrashPoints`).
  public let shim: String

  /// Names the two.
  public init(program: String, shim: String) {
    self.program = program
    self.shim = shim
  }
}

/// Deliveries that do not come to their end.
extension World {
  /// Delivers a package by the built program, which dies, loses power or meets an error at one point; then again, whole.
  ///
  /// Behind it the home is as it was, or as the dry run said, and nothing in between.
  func interrupt(_ parcel: Parcel, to machine: Int, by injection: Injection) throws {
    guard let tools else {
      try deliver(parcel, to: machine)
      return
    }
    note("\(machines[machine].name) receives #\(parcel.number), until \(injection)")
    let shown = try sync(parcel, machine, false).plan()
    let before = views[machine]
    let known = Set(try transactions(machine))
    let files = try self.files(machine)
    let outcome = try run(parcel, machine, injection, tools)
    note("  \(outcome.text.prefix(120))")
    if outcome.status == 1 || outcome.status == 4 { try expectSettled(machine) }
    _ = try Recover(home: try home(machine)).run()
    let new = try transactions(machine).filter { !known.contains($0) }
    if let transaction = new.first {
      try finish(shown, parcel, machine, before, transaction)
      // One that died may not have come to noting what it saw; what is deleted now is not remembered.
      if outcome.status != 0 {
        let seen = try sidecar(machine)?.notedThreads() ?? []
        ledgers[machine].notes = ledgers[machine].notes.filter { seen.contains($0.key) }
      }
    } else {
      if outcome.status == 0, !shown.isEmpty { throw Violation("a run that succeeded did nothing") }
      try look(machine)
      let changed = Set(try self.files(machine)).symmetricDifference(files)
      guard changed.isEmpty, before.hasSameThreads(as: views[machine]) else {
        throw Violation("\(machines[machine].name): an interrupted run left \(changed.sorted())")
      }
    }
    try deliver(parcel, to: machine)
  }

  /// Two runs of the built program at once, with two packages: one works, the other waits.
  func deliverAtOnce(_ first: Parcel, _ second: Parcel, to machine: Int) throws {
    guard let tools else {
      try deliver(first, to: machine)
      try deliver(second, to: machine)
      return
    }
    note("\(machines[machine].name) receives #\(first.number) and #\(second.number) at once")
    let before = views[machine]
    let outcomes = try Child.runBoth(
      tools.program, arguments(first, machine) + ["--wait", "60"],
      arguments(second, machine) + ["--wait", "60"], environment: environment(machine),
      in: machines[machine].root)
    try look(machine)
    try takeIn(Array(zip([first, second], outcomes)), machine, before)
    for parcel in [first, second] { try deliver(parcel, to: machine) }
  }

  /// Learns what runs did that were not planned here, in the order in which they did it.
  private func takeIn(
    _ runs: [(parcel: Parcel, outcome: Outcome)], _ machine: Int, _ before: HomeView
  ) throws {
    var known = before.present
    let ids = runs.map { $0.outcome.json?["transaction_id"]?.string ?? "" }
    for (id, run) in zip(ids, runs).sorted(by: { $0.0 < $1.0 }) {
      guard let report = run.outcome.json, [0, 3].contains(run.outcome.status) else {
        throw Violation("\(machines[machine].name): of two runs at once one ended with \(run.outcome.text)")
      }
      let verdicts = try Verdict.all(in: report)
      Delivery(
        world: self, parcel: run.parcel, machine: machine, verdicts: verdicts, before: before, busy: nil,
        restoring: false
      ).learn()
      if id.isEmpty { continue }
      let written = Set(verdicts.filter(\.isWritten).map(\.thread))
      let brought = Set(run.parcel.sessions.filter { written.contains($0.id) }.flatMap(\.history))
      ledgers[machine].brought[id] = brought.subtracting(known)
      known.formUnion(brought)
    }
    if ids.contains(where: { !$0.isEmpty }) { remember(machine, since: before) }
  }
}

extension World {
  /// What an interrupted run did in the end is what its dry run said.
  private func finish(
    _ shown: SyncPlan, _ parcel: Parcel, _ machine: Int, _ before: HomeView, _ transaction: String
  ) throws {
    try look(machine)
    let verdicts = try Verdict.all(of: shown)
    try Delivery(
      world: self, parcel: parcel, machine: machine, verdicts: verdicts, before: before, busy: nil,
      restoring: false
    ).check()
    learn(transaction, machine, since: before, brought: brought(by: verdicts, to: machine, before))
  }

  /// The files of a home but the program's own and those that SQLite keeps beside databases.
  private func files(_ machine: Int) throws -> [String] {
    try stamps(machine).keys.filter { !$0.contains("/session-sync/") && !$0.contains(".sqlite-") }
  }

  private func expectSettled(_ machine: Int) throws {
    guard try Recover(home: try home(machine)).open().isEmpty else {
      throw Violation(
        "\(machines[machine].name): a run said that nothing changed, and left a transaction open")
    }
  }

  private func run(
    _ parcel: Parcel, _ machine: Int, _ injection: Injection, _ tools: AccidentTools
  ) throws -> Outcome {
    let root = machines[machine].root
    let limbo = root.appending("limbo")
    try Folder.create(limbo)
    defer { try? Folder.removeTree(limbo) }
    var environment = self.environment(machine)
    environment["LD_PRELOAD"] = tools.shim
    environment["CRASH_POINTS_ROOT"] = machines[machine].home.string
    environment["CRASH_POINTS_LIMBO"] = limbo.string
    environment.merge(injection.environment) { $1 }
    return try Child.run(tools.program, arguments(parcel, machine), environment: environment, in: root)
  }

  private func arguments(_ parcel: Parcel, _ machine: Int) -> [String] {
    let options = importsCollisions ? ["--on-collision", "import"] : []
    return ["sync", parcel.path.string, "--execute", "--json", "--codex-home", machines[machine].home.string]
      + options
  }

  private func environment(_ machine: Int) -> [String: String] {
    let root = machines[machine].root
    return ["HOME": root.string, "TMPDIR": root.appending("scratch").string, "PATH": "/usr/bin:/bin"]
  }
}

extension HomeView {
  /// Whether another look at the home found every thread as it was, byte for byte.
  func hasSameThreads(as other: HomeView) -> Bool {
    rows == other.rows && threads.keys == other.threads.keys
      && threads.allSatisfy { id, thread in
        let now = other.threads[id]?.rollouts ?? []
        return thread.rollouts.map(\.path) == now.map(\.path)
          && thread.rollouts.map(\.bytes) == now.map(\.bytes)
      }
  }
}
