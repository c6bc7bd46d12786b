import DurableFiles
import Rollout
import SessionSync
import SyncTestSupport
import SystemPackage

/// What users do, each followed by a look at the machine.
extension World {
  /// Starts a conversation.
  @discardableResult
  func begin(_ machine: Int, _ format: SessionMeta.Format = .paginated, turns: Int = 1) throws -> ThreadID {
    let id = try machines[machine].begin(format, turns: turns, &truth)
    try added(machine, "begins \(format) \(name(id))", id)
    return id
  }

  /// Goes on with a thread: ends a turn that is open, then appends whole turns.
  func goOn(_ machine: Int, _ id: ThreadID, turns: Int = 1) throws {
    try write(machine, id, "goes on with") { draft, truth in
      if draft.turn != nil { draft.finishTurn(&truth) }
      draft.turns(turns, &truth)
    }
  }

  /// Begins a turn and leaves it open.
  func ask(_ machine: Int, _ id: ThreadID, isAnswered: Bool) throws {
    try write(machine, id, "asks in") { draft, truth in
      if draft.turn != nil { draft.finishTurn(&truth) }
      draft.openTurn(&truth)
      if isAnswered { draft.answer(&truth) }
    }
  }

  /// Opens a thread and does nothing.
  func open(_ machine: Int, _ id: ThreadID) throws {
    try write(machine, id, "opens") { draft, truth in draft.settings(&truth) }
  }

  /// Compacts a thread.
  func compact(_ machine: Int, _ id: ThreadID) throws {
    try write(machine, id, "compacts") { draft, truth in draft.compaction(&truth) }
  }

  /// Takes the last turn of a legacy thread back, as Codex did before it had segments: with a marker.
  func rollTurnBack(_ machine: Int, _ id: ThreadID) throws {
    try write(machine, id, "takes a turn back in") { draft, truth in draft.rolledBack(&truth) }
  }

  /// Forks a thread, after some lines of its current rollout.
  @discardableResult
  func fork(_ machine: Int, _ id: ThreadID, lines: Int? = nil, turns: Int = 1) throws -> ThreadID {
    let thread = try thread(machine, id)
    let fork = try machines[machine].fork(
      thread, lines: lines ?? thread.current.lines.count, turns: turns, &truth)
    closedRoots[fork] = fork
    try added(machine, "forks \(name(id)) as \(name(fork))", fork)
    return fork
  }

  /// Lets a thread spawn a sub-agent.
  @discardableResult
  func spawn(_ machine: Int, _ id: ThreadID, copying: Bool, turns: Int = 1) throws -> ThreadID {
    let agent = try machines[machine].spawn(from: thread(machine, id), copying: copying, turns: turns, &truth)
    closedRoots[agent] = agent
    try added(machine, "lets \(name(id)) spawn \(name(agent))", agent)
    return agent
  }

  /// Rewinds a paginated thread to the first lines of its current rollout, or of one that it goes on from; without a
  /// number, to nothing.
  func rewind(_ machine: Int, _ id: ThreadID, lines: Int?, of rollout: RolloutView? = nil) throws {
    let thread = try thread(machine, id)
    try machines[machine].rewind(thread, lines: lines, of: rollout, &truth)
    ledgers[machine].rewound += [thread.head].compactMap(\.self)
    try look(machine, isTaking: true)
    note("\(machines[machine].name) rewinds \(name(id)) to \(views[machine].threads[id]?.head ?? [])")
  }

  /// Rewinds a paginated thread by its last turns.
  func rewind(_ machine: Int, _ id: ThreadID, turns: Int) throws {
    let lines = try thread(machine, id).current.lines
    let starts = lines.indices.filter { lines[$0].event == "task_started" }
    guard let cut = starts.dropLast(turns - 1).last, cut > 0 else { return }
    try rewind(machine, id, lines: cut)
  }

  /// Deletes a thread; Codex refuses where another goes on from it.
  func delete(_ machine: Int, _ id: ThreadID) throws {
    let thread = try thread(machine, id)
    if views[machine].isBase(thread) { return }
    note("\(machines[machine].name) deletes \(name(id))")
    try machines[machine].delete(thread)
    ledgers[machine].hasDeleted = true
    try look(machine, isTaking: true)
  }

  /// Loses the files of a thread that no other goes on from.
  func lose(_ machine: Int, _ id: ThreadID) throws {
    let thread = try thread(machine, id)
    if views[machine].isBase(thread) { return }
    note("\(machines[machine].name) loses the files of \(name(id))")
    try machines[machine].lose(thread)
    try look(machine, isTaking: true)
  }

  /// Does something to a thread that takes nothing away and says nothing.
  func tend(_ machine: Int, _ id: ThreadID, _ what: String, _ body: (Machine, HomeView.Thread) throws -> Void)
    throws
  {
    note("\(machines[machine].name) \(what) \(name(id))")
    try body(machines[machine], thread(machine, id))
    try look(machine)
  }

  /// Loses what the program keeps beside its journal.
  func loseSidecar(_ machine: Int) throws {
    note("\(machines[machine].name) loses the sidecar")
    let folder = machines[machine].home.appending("session-sync")
    for name in try Folder.names(in: folder) where name.hasPrefix("sidecar.sqlite") {
      try DurableFile.remove(folder.appending(name))
    }
    ledgers[machine].notes = [:]
    ledgers[machine].hasRebuilt = false
  }

  /// A thread as it was when last looked at.
  func thread(_ machine: Int, _ id: ThreadID) throws -> HomeView.Thread {
    guard let thread = views[machine].threads[id] else {
      throw Violation("\(machines[machine].name) has no \(name(id))")
    }
    return thread
  }

  private func write(
    _ machine: Int, _ id: ThreadID, _ what: String, _ body: (inout Draft, inout Truth) -> Void
  ) throws {
    let thread = try thread(machine, id)
    var draft = machines[machine].draft(behind: thread)
    body(&draft, &truth)
    try machines[machine].append(draft, to: thread)
    try added(machine, "\(what) \(name(id))", id)
  }

  private func added(_ machine: Int, _ what: String, _ id: ThreadID) throws {
    try look(machine)
    let head = views[machine].threads[id]?.head ?? []
    ledgers[machine].owed.formUnion(head)
    note("\(machines[machine].name) \(what): \(head)")
  }
}
