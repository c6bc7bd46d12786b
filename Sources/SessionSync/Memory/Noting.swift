import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// The last step of a writing run: notes in the sidecar what the home's threads hold.
///
/// By its notes the next run knows which threads the user deleted, and need not read what did not change. To be done
/// under the run's lock. A run whose sidecar cannot be written has done its work all the same.
struct Noting {
  let home: CodexHome
  let surroundings: Surroundings

  /// Notes the threads that a run wrote, and all others that are not as they were noted.
  ///
  /// - Parameters:
  ///   - local: the threads as they were before the run wrote; nil where they are to be looked up.
  ///   - written: the notes of those it wrote.
  func run(before local: LocalThreads? = nil, written: [ThreadNote] = []) throws(SyncError) {
    let sidecar = try open()
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.note(written) }
    let done = Set(written.map(\.thread.id))
    let threads = if let local { local } else { try LocalThreads(home, surroundings) }
    let open = threads.entries.values.filter { !done.contains($0.id) && !threads.memory.isFresh($0) }
      .sorted { $0.id < $1.id }
    var notes: [ThreadNote] = []
    for (index, entry) in open.enumerated() {
      surroundings.progress(.init(phase: .noting, done: index, total: open.count))
      // Read apart: what was read for the plan is kept until the end of the run, all of a home would be too much.
      if let thread = try? threads.uncached().load(entry.id), try !isShrunk(thread, threads.memory) {
        notes.append(thread.note)
      }
      // One at a time would be a transaction each, all together too much memory.
      if notes.count == 100 || index == open.count - 1 {
        try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.note(notes) }
        notes = []
      }
    }
  }

  /// Notes threads that were looked at, though none was written: a home that only ever hands over remembers what it
  /// handed over, and knows it again when it comes back after it was deleted here.
  func run(handedOver threads: [LocalThread], _ memory: Memory) throws(SyncError) {
    var notes: [ThreadNote] = []
    for thread in threads where !memory.isFresh(thread.entry) {
      if try !isShrunk(thread, memory) { notes.append(thread.note) }
    }
    if notes.isEmpty { return }
    let lock = try Workplace(home: home).lock()
    defer { _ = lock }
    let sidecar = try open()
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.note(notes) }
  }

  /// The sidecar, brought up to what the journal says.
  private func open() throws(SyncError) -> Sidecar {
    let workplace = Workplace(home: home)
    let sidecar = try lift(SyncError.sidecar) { () throws(SidecarError) in
      try Sidecar(writing: workplace.sidecar)
    }
    try lift(SyncError.journal) { () throws(JournalError) in try JournalReplay(workplace.journal) }
      .run(into: sidecar)
    return sidecar
  }

  /// The note of a thread that was just written, without reading it again.
  ///
  /// Nil where somebody wrote to it since: it is read then.
  func note(_ write: SessionWrite) -> ThreadNote? {
    let (path, size) = write.result
    guard let stamp = try? FileStamp.of(path), stamp.size == size else { return nil }
    let head = ThreadNote.File(path: home.relative(path), stamp: stamp)
    let outcome = write.outcome
    if let before = outcome.before {
      return ThreadNote(
        thread: before.thread.continued(to: outcome.history, outcome.turns),
        facts: .init(
          format: before.facts.format, firstCwd: before.facts.firstCwd, localCwd: outcome.cwd,
          // What brings no history leaves the end of it where it was.
          lastHistory: write.measure.lastHistory
            ?? (outcome.history == before.thread.head ? before.facts.lastHistory : nil),
          turns: outcome.turnCount),
        files: [head] + before.files.dropFirst())
    }
    guard let meta = try? RolloutPeek(path).meta else { return nil }
    return ThreadNote(
      thread: LineageThread(
        id: write.thread, marker: outcome.marker, isDeclaredFork: meta.isDeclaredFork, head: outcome.history,
        turns: outcome.turns, created: Timestamp(meta.timestamp ?? "")?.milliseconds ?? .max),
      facts: .init(
        format: meta.format, firstCwd: meta.cwd, localCwd: outcome.cwd,
        lastHistory: write.measure.lastHistory, turns: outcome.turnCount), files: [head])
  }

  /// A thread that lost records stays noted as it was, until they are back or it went on without them.
  private func isShrunk(_ thread: LocalThread, _ memory: Memory) throws(SyncError) -> Bool {
    try memory.lost(by: thread) != nil
  }
}

extension SessionWrite {
  /// The file that holds the thread once this is written, and how long it is then.
  fileprivate var result: (path: FilePath, size: Int64) {
    switch target {
    case .create(let path, _): (path, measure.size.bytes)
    case .append(let target): (target.movesTo ?? target.path, target.length + measure.size.bytes)
    }
  }
}

extension Memory {
  /// How many records a thread had when it was noted, where it has lost some of them since: its history is the
  /// beginning of what it was, and no older segment tells of a rewind.
  func lost(by thread: LocalThread) throws(SyncError) -> Int? {
    guard let noted = try lastNote(of: thread.entry.id)?.thread.head else { return nil }
    let lineage = thread.lineage
    guard lineage.head.count < noted.count, lineage.head.isPrefix(of: noted),
      !lineage.segments.contains(where: { noted.isPrefix(of: $0) })
    else { return nil }
    return noted.count
  }

  /// The first record in which a thread is not what it was noted as, counted from 0; nil where it only went on, was
  /// rewound by its user, or is shorter.
  func rewritten(by thread: LocalThread) throws(SyncError) -> Int? {
    guard let noted = try lastNote(of: thread.entry.id)?.thread.head else { return nil }
    let head = thread.lineage.head
    let common = head.common(with: noted)
    guard common < min(head.count, noted.count),
      !thread.lineage.segments.contains(where: { noted.isPrefix(of: $0) })
    else { return nil }
    return common
  }
}
