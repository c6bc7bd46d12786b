import CanonicalJSON
import Rollout
import SystemPackage

/// Checks one delivery: what the plan said, what was done, and whether every session is where it must be.
struct Delivery {
  let world: World
  let parcel: Parcel
  let machine: Int
  let verdicts: [Verdict]
  let before: HomeView
  let busy: ThreadID?
  let restoring: Bool

  private var after: HomeView { world.views[machine] }
  private var ledger: Ledger { world.ledgers[machine] }

  func check() throws {
    let entries = Dictionary(verdicts.map { ($0.thread, $0) }, uniquingKeysWith: { first, _ in first })
    guard entries.count == verdicts.count, Set(entries.keys) == Set(parcel.sessions.map(\.id)) else {
      throw fail("the plan names other sessions than the package holds")
    }
    learn()
    try checkWritten(entries)
    for session in parcel.sessions {
      guard let entry = entries[session.id] else { continue }
      if isHeld(session) {
        world.ledgers[machine].owed.formUnion(session.history)
      } else if !session.history.isEmpty, let reason = complaint(session, entry) {
        throw fail("\(world.name(session.id)) \(session.history) is nowhere: \(reason)")
      }
    }
  }

  /// Learns which conversations the threads belong to that were made.
  func learn() {
    for session in parcel.sessions {
      learnConversation(session, verdicts.first { $0.thread == session.id })
    }
  }

  /// What was written is what the plan says, and nothing else changed.
  private func checkWritten(_ entries: [ThreadID: Verdict]) throws {
    let written = verdicts.filter(\.isWritten)
    let targets = written.compactMap(\.target)
    guard Set(targets).count == written.count else { throw fail("two sessions go into one thread") }
    for session in parcel.sessions {
      guard let entry = entries[session.id], entry.isWritten, let target = entry.target else { continue }
      try checkTarget(session, entry, target)
      if entry.detail == "completes_turn" { continue }
      try checkRewound(session)
      if !restoring { try checkDeleted(session) }
    }
    for (id, thread) in before.threads {
      guard let now = after.threads[id] else { throw fail("\(world.name(id)) is gone") }
      if targets.contains(id) { continue }
      guard now.current.bytes == thread.current.bytes, now.current.path == thread.current.path else {
        throw fail("\(world.name(id)) changed, which nobody planned")
      }
      try checkAdopted(now)
    }
    if let stranger = after.threads.keys.first(where: { before.threads[$0] == nil && !targets.contains($0) })
    {
      throw fail("\(world.name(stranger)) appeared, which nobody planned")
    }
  }

  /// A thread of the transfer tool that a session is the same as is adopted on the way; no other row changes.
  private func checkAdopted(_ thread: HomeView.Thread) throws {
    guard ledger.installed.contains(thread.id) else {
      if after.rows[thread.id] == before.rows[thread.id] { return }
      throw fail("the row of \(world.name(thread.id)) changed, which nobody planned")
    }
    let isMet = verdicts.contains {
      $0.target == thread.id && $0.classification == "unchanged" && $0.detail == nil
    }
    if isMet, thread.head != nil { try world.expectListed(machine, thread) }
  }

  /// What the user rewound does not come back; a thread that the transfer tool left unreadable tells of no rewind.
  private func checkRewound(_ session: Parcel.Session) throws {
    let rewound = before.threads.values.first { thread in
      isSame(session, thread.id) && !isBlurred(thread.id) && thread.head != nil
        && thread.segments.contains { session.history.isPrefix(of: $0) }
    }
    if let rewound {
      throw fail("\(session.history) is back, which was rewound in \(world.name(rewound.id))")
    }
  }

  /// What the user deleted stays deleted: copies, beginnings, and what went on from it elsewhere.
  private func checkDeleted(_ session: Parcel.Session) throws {
    let history = session.history
    let kept =
      before.threads.values.filter { isSame(session, $0.id) }
      .flatMap { [$0.head ?? []] }.map { zip($0, history).prefix { $0 == $1 }.count }.max() ?? 0
    let grave = tombstones(of: session, certain: true).first {
      history.isPrefix(of: $0) || ($0.count > kept && $0.isPrefix(of: history))
    }
    if let grave { throw fail("\(world.name(session.id)) \(history) is back, of which \(grave) was deleted") }
  }

  /// Histories that were noted here, of the session's conversation, and whose thread is gone.
  ///
  /// - Parameter certain: whether only those count that nothing makes doubtful.
  private func tombstones(of session: Parcel.Session, certain: Bool) -> [[Int]] {
    ledger.notes.filter { id, _ in
      before.threads[id] == nil && before.rows[id] == nil && isSame(session, id)
        && !(certain && (ledger.shrunk.contains(id) || isBlurred(id)))
    }.values.joined().filter { !$0.isEmpty && $0.first == session.history.first }
  }

  private func checkTarget(_ session: Parcel.Session, _ entry: Verdict, _ target: ThreadID) throws {
    guard let thread = after.threads[target], let head = thread.head else {
      throw fail("\(world.name(target)) cannot be resumed")
    }
    guard head == session.history else {
      throw fail("\(world.name(target)) holds \(head), delivered was \(session.history)")
    }
    if entry.action == "append" {
      guard let old = before.threads[target], let oldHead = old.head, oldHead.isPrefix(of: head) else {
        throw fail("appended to \(world.name(target)), which was no beginning of it")
      }
      guard thread.current.bytes.starts(with: old.current.bytes) else {
        throw fail("the beginning of \(world.name(target)) was rewritten")
      }
      guard thread.segments == old.segments else {
        throw fail("older segments of \(world.name(target)) changed")
      }
      let shared = old.segments.map { zip($0, head).prefix { $0 == $1 }.count }.max() ?? 0
      guard shared <= oldHead.count else {
        throw fail("what was rewound in \(world.name(target)) is back in it")
      }
    } else {
      guard before.threads[target] == nil else { throw fail("\(world.name(target)) was there already") }
      guard after.rows[target]?["rollout_path"]?.string == thread.current.path.string,
        after.rows[target]?["history_mode"]?.string == thread.current.format.rawValue,
        after.rows[target]?["preview"]?.string?.isEmpty == false
      else { throw fail("the row of \(world.name(target)) does not fit its file") }
    }
    guard let last = thread.current.lines.last, last.event == "thread_settings_applied" else {
      throw fail("\(world.name(target)) does not end with this machine's settings")
    }
    if entry.detail == "completes_turn" { return }
    if let double = after.sorted.first(where: { $0.id != target && isSame(session, $0.id) && holds($0, head) }
    ),
      !isBlurred(session.id), !isBlurred(double.id)
    {
      throw fail("\(world.name(target)) doubles \(world.name(double.id)), which holds \(double.head ?? [])")
    }
  }

  /// A thread made here belongs to the conversation that it was delivered of.
  private func learnConversation(_ session: Parcel.Session, _ entry: Verdict?) {
    guard let root = world.closedRoots[session.id] else { return }
    if session.isBare { world.blurred.insert(root) }
    if let entry, ["import", "branch"].contains(entry.action), let target = entry.target,
      world.closedRoots[target] == nil
    {
      world.closedRoots[target] = root
    }
  }

  private func isHeld(_ session: Parcel.Session) -> Bool {
    after.threads.values.contains { isSame(session, $0.id) && holds($0, session.history) }
  }

  private func holds(_ thread: HomeView.Thread, _ history: [Int]) -> Bool {
    thread.head.map { history.isPrefix(of: $0) } ?? false
  }

  /// Whether a thread here is, or may be, of the session's conversation.
  private func isSame(_ session: Parcel.Session, _ thread: ThreadID) -> Bool {
    let (left, right) = (world.closedRoots[session.id], world.closedRoots[thread])
    guard left != nil, right != nil else { return left == right }
    return left == right || isBlurred(session.id) || isBlurred(thread)
  }

  private func isBlurred(_ thread: ThreadID) -> Bool {
    world.closedRoots[thread].map { world.blurred.contains($0) } ?? false
  }

  /// Why it is wrong that a session is in no thread here; nil where it is right.
  private func complaint(_ session: Parcel.Session, _ entry: Verdict) -> String? {
    let history = session.history
    if entry.action == "blocked" {
      if entry.blockers.contains("busy"), busy != nil { return nil }
      if entry.blockers.contains("incomplete_lineage") || entry.blockers.contains("damaged") {
        // Where the bytes of a base went that was localised here, only the journal knew.
        if ledger.hasLostJournal, !parcel.isOurs { return nil }
        if session.lacksBase || before.threads[session.id].map({ $0.head == nil }) ?? false { return nil }
      }
      let hasOtherFormat = before.threads.values.contains { thread in
        thread.current.format != session.format && isSame(session, thread.id)
          && thread.head.map { $0.count < history.count && $0.isPrefix(of: history) } ?? false
      }
      return entry.blockers.contains("history_mode_mismatch") && hasOtherFormat ? nil : "\(entry)"
    }
    switch (entry.classification, entry.detail) {
    case ("unchanged", "known"):
      return ledger.rewound.contains { history.isPrefix(of: $0) } ? nil : "known, but nobody rewound it"
    case ("unchanged", "deleted_locally"):
      let isDeleted = tombstones(of: session, certain: false).contains {
        history.isPrefix(of: $0) || $0.isPrefix(of: history)
      }
      return isDeleted && !restoring ? nil : "deleted, but nobody deleted it"
    case ("id_collision_unrelated", _) where !world.importsCollisions:
      let holder = before.threads[session.id]
      let isRelated = ((holder?.segments ?? []) + [holder?.head ?? []]).contains { $0.first == history.first }
      return isRelated ? "its id is not a stranger's" : nil
    default: return "\(entry)"
    }
  }

  private func fail(_ text: String) -> Violation {
    Violation("\(world.machines[machine].name), #\(parcel.number): \(text)")
  }
}
