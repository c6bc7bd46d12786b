import Rollout
import SessionSync
import SyncTestSupport
import SystemPackage

/// Plays the steps of a scenario in a world.
struct Player {
  let scenario: Scenario
  let world: World
  private var backups: [Backup] = []
  /// Where the one person is who hands over.
  private var active = 0

  init(_ scenario: Scenario, in folder: FilePath, tools: AccidentTools?) throws {
    self.scenario = scenario
    world = try World(
      folder, machines: scenario.machines, importsCollisions: scenario.importsCollisions, tools: tools)
  }

  /// Plays everything, and the exchanges at the end.
  mutating func play() throws {
    for step in scenario.steps { try play(step) }
    try settle()
  }

  private mutating func play(_ step: Step) throws {
    var dice = SeededGenerator(seed: step.salt)
    let machine = scenario.isHandOver ? active : step.machine
    let others = world.machines.indices.filter { $0 != machine }
    let other = others.randomElement(using: &dice) ?? machine
    let view = world.views[machine]
    let usable = view.sorted.filter { $0.head != nil }
    let thread = usable.randomElement(using: &dice)
    switch step.kind {
    case .begin:
      try world.begin(machine, format(&dice), turns: Int.random(in: 1...2, using: &dice))
    case .pack, .packTransfer:
      let some = usable.map(\.id).filter { _ in Bool.random(using: &dice) }
      let all = Int.random(in: 0..<3, using: &dice) > 0 || some.isEmpty
      _ = try world.pack(machine, isOurs: step.kind == .pack, only: all ? nil : some)
    case .exchange:
      let sources = others.filter { !world.views[$0].threads.isEmpty }
      if let source = sources.randomElement(using: &dice),
        let parcel = try world.pack(source, isOurs: Int.random(in: 0..<4, using: &dice) > 0)
      {
        try world.deliver(parcel, to: machine)
      }
    case .deliver, .deliverBusy, .deliverRestoring:
      guard let parcel = parcel(&dice) else { return }
      try world.deliver(
        parcel, to: machine, busy: step.kind == .deliverBusy ? thread?.id : nil,
        restoring: step.kind == .deliverRestoring)
    case .accident:
      guard let parcel = parcel(&dice) else { return }
      try world.interrupt(parcel, to: machine, by: Self.accident(&dice))
    case .deliverTwo:
      guard let first = parcel(&dice), let second = parcel(&dice) else { return }
      try world.deliverAtOnce(first, second, to: machine)
    case .transferInstall:
      guard let parcel = parcel(&dice) else { return }
      try world.transferInstall(
        parcel, on: machine, localising: Bool.random(using: &dice), isJournaled: Bool.random(using: &dice))
    case .adopt: try world.adopt(machine, Bool.random(using: &dice) ? thread?.id : nil)
    case .rollBack:
      if let id = try world.transactions(machine).randomElement(using: &dice) {
        var options = Rollback.Options()
        options.cascades = Bool.random(using: &dice)
        options.keepsLocalWork = Bool.random(using: &dice)
        try world.rollBack(machine, id, options)
      }
    case .backUp: backups.append(try world.backUp(machine, backups.count))
    case .restore:
      if let backup = backups.filter({ $0.machine == machine }).randomElement(using: &dice) {
        try world.restore(backup, Backup.Part.allCases.randomElement(using: &dice) ?? .everything)
        if Bool.random(using: &dice) { try world.rebuildSidecar(machine) }
      }
    case .rebuildSidecar:
      if Bool.random(using: &dice) {
        try world.rebuildSidecar(machine)
      } else {
        try world.replayJournal(machine)
      }
    case .cloneOrigin: try world.cloneOrigin(from: other, to: machine)
    case .loseSidecar: try world.loseSidecar(machine)
    case .handOver:
      if let parcel = try world.pack(machine, isOurs: true) {
        let verdicts = try world.deliver(parcel, to: other)
        if let branch = verdicts.first(where: {
          $0.classification == "diverged_lineage" || $0.action == "branch"
        }) {
          throw Violation("handing over made a branch of \(world.name(branch.thread))")
        }
        active = other
      }
    default:
      if let thread { try work(step.kind, machine, thread, view, &dice) }
    }
  }

  /// What is done to a thread by its user.
  private func work(
    _ kind: Step.Kind, _ machine: Int, _ thread: HomeView.Thread, _ view: HomeView,
    _ dice: inout SeededGenerator
  ) throws {
    let isPaginated = thread.current.format == .paginated
    let lines = thread.current.lines
    switch kind {
    case .goOn: try world.goOn(machine, thread.id, turns: Int.random(in: 1...2, using: &dice))
    case .ask: try world.ask(machine, thread.id, isAnswered: Bool.random(using: &dice))
    case .open where isPaginated: try world.open(machine, thread.id)
    case .compact: try world.compact(machine, thread.id)
    case .rollTurnBack where !isPaginated: try world.rollTurnBack(machine, thread.id)
    case .fork:
      let ends = lines.indices.filter { lines[$0].event == "task_complete" }.map { $0 + 1 }
      let cut = Bool.random(using: &dice) ? nil : ends.randomElement(using: &dice)
      try world.fork(machine, thread.id, lines: cut, turns: Int.random(in: 0...1, using: &dice))
    case .spawn: try world.spawn(machine, thread.id, copying: Bool.random(using: &dice))
    case .rewind where isPaginated:
      let starts = lines.indices.dropFirst().filter { lines[$0].event == "task_started" }
      if let cut = starts.randomElement(using: &dice) { try world.rewind(machine, thread.id, lines: cut) }
    case .rewindToNothing where isPaginated: try world.rewind(machine, thread.id, lines: nil)
    case .rename:
      try world.tend(machine, thread.id, "renames") {
        try $0.rename($1, to: "name \(thread.id.text.suffix(3))")
      }
    case .archive: try world.tend(machine, thread.id, "archives, or brings back,") { try $0.archive($1) }
    case .migrate where !isPaginated && !lines.contains { $0.event == "thread_rolled_back" }:
      try world.tend(machine, thread.id, "migrates") { try $0.migrate($1) }
    case .retag: try world.tend(machine, thread.id, "retags") { try $0.retag($1) }
    case .delete: try world.delete(machine, thread.id)
    case .lose: try world.lose(machine, thread.id)
    default: break
    }
  }

  /// What happens to a run, and when: a first delivery has some 250 points, later ones less.
  private static func accident(_ dice: inout SeededGenerator) -> Injection {
    let point = Int.random(in: 1...250, using: &dice)
    return switch Int.random(in: 0..<6, using: &dice) {
    case 0, 1: .kill(point)
    case 2: .tear(point)
    case 3: .lose(point, .all)
    default: .fault([.noSpace, .full, .ioError, .shortWrite].randomElement(using: &dice) ?? .ioError, point)
    }
  }

  /// A package: often a late one, sometimes any.
  private func parcel(_ dice: inout SeededGenerator) -> Parcel? {
    let late = Bool.random(using: &dice) ? world.parcels.suffix(3) : world.parcels[...]
    return late.randomElement(using: &dice)
  }

  /// Paginated and legacy, as in homes that are older than the former.
  private func format(_ dice: inout SeededGenerator) -> SessionMeta.Format {
    Int.random(in: 0..<3, using: &dice) == 0 ? .legacy : .paginated
  }

  // MARK: - The end

  /// Exchanges everything until nothing is written any more, which takes three rounds at most; then once more without
  /// sidecars.
  private func settle() throws {
    var rounds = 0
    while try exchangeAll() {
      rounds += 1
      if rounds > 3 { throw Violation("a fourth full exchange still wrote something") }
    }
    if scenario.seed % 3 == 0 {
      for machine in world.machines.indices { try world.expectSameRebuilt(machine) }
    }
    if !world.ledgers.contains(where: \.hasDeleted) {
      for machine in world.machines.indices { try world.loseSidecar(machine) }
      if try exchangeAll() { throw Violation("without sidecars another full exchange wrote something") }
    }
  }

  /// Lets everybody receive everything that everybody else has; answers whether anything was written.
  private func exchangeAll() throws -> Bool {
    world.note("everybody exchanges everything")
    let parcels = try world.machines.indices.map { ($0, try world.pack($0, isOurs: true)) }
    var hasWritten = false
    for (source, parcel) in parcels {
      guard let parcel else { continue }
      for target in world.machines.indices where target != source {
        let verdicts = try world.deliver(parcel, to: target, isLookedAt: false)
        if verdicts.contains(where: \.isWritten) { hasWritten = true }
      }
    }
    return hasWritten
  }
}
