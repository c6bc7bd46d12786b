import CanonicalJSON
import Rollout
import SessionSync
import SystemPackage

/// Threads of the transfer tool, taken into lineages.
extension World {
  /// Adopts all threads that the transfer tool's journal names, or one thread whatever its past.
  func adopt(_ machine: Int, _ thread: ThreadID?) throws {
    note("\(machines[machine].name) adopts \(thread.map(name) ?? "what the transfer tool installed")")
    let untouched = try stamps(machine)
    let shown = try adoption(machine, thread).plan()
    try expectUntouched(machine, since: untouched, "a dry run of adopting")
    let before = views[machine]
    let done = try adoption(machine, thread).execute()
    guard done.plan.adoptions == shown.adoptions else {
      throw Violation("adopting did something else than it said")
    }
    try look(machine)
    guard before.files == views[machine].files else { throw Violation("adopting changed a transcript") }
    let adopted = Set(done.plan.adoptions.map(\.thread))
    for (id, row) in before.rows where !adopted.contains(id) && views[machine].rows[id] != row {
      throw Violation("the row of \(name(id)) changed, which was not adopted")
    }
    for id in thread.map({ [$0] }) ?? ledgers[machine].installed {
      if let thread = views[machine].threads[id], thread.head != nil { try expectListed(machine, thread) }
    }
    if let transaction = done.transaction { learn(transaction, machine, since: before, brought: []) }
    guard try adoption(machine, thread).plan().isEmpty else {
      throw Violation("adopting again would write something")
    }
  }

  /// Requires a row with which Codex lists the thread and resumes it.
  func expectListed(_ machine: Int, _ thread: HomeView.Thread) throws {
    guard let row = views[machine].rows[thread.id] else { return }
    let isListed = row["preview"]?.string?.isEmpty == false
    if !isListed || row["history_mode"]?.string != thread.current.format.rawValue {
      throw Violation("\(machines[machine].name): the row of \(name(thread.id)) was not mended: \(row)")
    }
  }

  private func adoption(_ machine: Int, _ thread: ThreadID?) throws -> Adopt {
    Adopt(
      home: try home(machine), threads: thread.map { [$0] } ?? [], surroundings: try surroundings(machine))
  }
}
