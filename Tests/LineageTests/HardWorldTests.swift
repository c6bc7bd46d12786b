import JSONTestSupport
import Lineage
import Rollout
import Testing

/// Random worlds with more in their way: sessions blocked by what they are, threads deleted here, rows without files,
/// empty threads, open turns, declared forks, markers of open and closed roots, collisions.
struct HardWorldTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func thePromiseHoldsInHardWorlds(_ first: UInt64) throws {
    for seed in stride(from: first, to: first + 8 * HardWorld.rounds, by: 8) {
      var world = HardWorld(seed: seed)
      try world.play("seed \(seed)")
    }
  }
}

/// One home, one package, and what stands in the way.
private struct HardWorld {
  /// How many worlds each argument plays.
  static let rounds: UInt64 = 250

  private var generator: SeededGenerator
  private var threads: [LineageThread]
  private var tombstones: [LineageThread]
  private let sessions: [LineageThread]
  private let rowsWithoutFile: Set<ThreadID>
  private let blocked: Set<Obstacle>
  private let importsCollisions: Bool

  private struct Obstacle: Hashable {
    let session: ThreadID
    let classification: Classification
  }

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let ids = Array(0..<8).shuffled(using: &generator)
    let natures = generator.natures()
    threads = generator.threads(ids: ids, natures)
    tombstones = generator.chance(3) ? generator.threads(ids: Array(20..<23), natures) : []
    sessions = generator.threads(ids: (Array(0..<9) + [20]).shuffled(using: &generator), natures)
    rowsWithoutFile = Set((0..<9).filter { _ in generator.chance(10) }.map(id))
    importsCollisions = generator.chance(2)
    var blocked: Set<Obstacle> = []
    for session in sessions {
      switch generator.below(8) {
      case 0:
        for kind in Classification.allCases {
          blocked.insert(.init(session: session.id, classification: kind))
        }
      case 1: blocked.insert(.init(session: session.id, classification: .fastForwardImport))
      case 2: blocked.insert(.init(session: session.id, classification: .newLineage))
      default: break
      }
    }
    self.blocked = blocked
    self.generator = generator
  }

  mutating func play(_ note: Comment) throws {
    let before = threads
    let outcomes = decide(sessions)
    #expect(decide(sessions) == outcomes, note)
    try apply(outcomes, note)
    let here = Set(before.map(\.id))
    for made in threads where !here.contains(made.id) {
      let longer = threads.filter {
        $0.id != made.id && made.head.isPrefix(of: $0.head)
          && ($0.root == made.root || (!$0.isClosed && !made.isClosed))
      }
      if !longer.isEmpty {
        Issue.record(
          "\(note): \(made.id) is the beginning of \(longer.map(\.id))\n\(describe(before, outcomes))")
      }
    }
    for thread in before {
      let after = threads.first { $0.id == thread.id }
      #expect(
        after.map { thread.head.isPrefix(of: $0.head) && thread.segments == $0.segments } == true,
        "\(note): \(thread.id) lost something")
    }
    for (session, outcome) in zip(sessions, outcomes) { check(session, outcome, note) }
    let again = decide(sessions)
    for (index, outcome) in again.enumerated()
    where outcome.isWritten && outcome.decision.detail != .completesTurn {
      Issue.record(
        "\(note): session \(index) still wants to be written: \(outcome)\n\(describe(before, outcomes))")
    }
  }

  private func check(_ session: LineageThread, _ outcome: Reconciliation.Outcome, _ note: Comment) {
    let decision = outcome.decision
    let holder = outcome.target.flatMap { target in threads.first { $0.id == target } }
    let isHeld = holder.map { ([$0.head] + $0.segments).contains(where: session.head.isPrefix) } ?? false
    if outcome.isWritten || decision.classification == .unchanged {
      let isNowhere = session.head.count == 0 || decision.detail == .deletedLocally
      #expect(isHeld || isNowhere, "\(note): \(session.id) is not where it is said to be: \(outcome)")
    } else {
      let obstacle = Obstacle(session: session.id, classification: decision.classification)
      let isCollision = decision.classification == .idCollisionUnrelated && !importsCollisions
      #expect(
        blocked.contains(obstacle) || isCollision, "\(note): \(session.id) is refused for nothing: \(outcome)"
      )
    }
    guard let holder, decision.detail != .known else { return }
    let isInReach =
      holder.id == session.id || holder.root == session.root || (!holder.isClosed && !session.isClosed)
    #expect(isInReach, "\(note): \(session.id) went into a stranger: \(outcome)")
  }

  private func decide(_ sessions: [LineageThread]) -> [Reconciliation.Outcome] {
    let here = Set(threads.map(\.id))
    var reconciliation = Reconciliation(
      threads: threads.sorted { $0.id < $1.id }, tombstones: tombstones,
      surroundings: .init(
        isTaken: { here.contains($0) || rowsWithoutFile.contains($0) },
        isDeleted: { id in tombstones.contains { $0.id == id } && !here.contains(id) },
        isBlocked: { blocked.contains(.init(session: sessions[$0].id, classification: $1.classification)) },
        time: { _, record in 1_800_000_000_000 + UInt64(record) }, importsCollisions: importsCollisions,
        origin: "there"))
    return reconciliation.outcomes(of: sessions)
  }

  /// Carries outcomes out as files would show them.
  private mutating func apply(_ outcomes: [Reconciliation.Outcome], _ note: Comment) throws {
    var written: Set<ThreadID> = []
    for (session, outcome) in zip(sessions, outcomes) where outcome.isWritten {
      let target = try #require(outcome.target, note)
      #expect(written.insert(target).inserted, "\(note): \(target) is written twice")
      let obstacle = Obstacle(session: session.id, classification: outcome.decision.classification)
      #expect(!blocked.contains(obstacle), "\(note): \(session.id) is blocked and written")
      if outcome.decision.classification == .fastForwardImport {
        let position = try #require(threads.firstIndex { $0.id == target }, note)
        let local = threads[position]
        #expect(local.head.isPrefix(of: session.head), "\(note): \(target) is no prefix")
        #expect(local.head.common(with: session.head) == outcome.decision.common, "\(note): \(target) common")
        threads[position] = local.continued(to: session.head, session.turns)
      } else {
        #expect(!threads.contains { $0.id == target }, "\(note): \(target) was there already")
        #expect(!tombstones.contains { $0.id == target }, "\(note): \(target) was deleted")
        // A key that is not set stays as the session brought it.
        threads.append(
          LineageThread(
            id: target, marker: outcome.marker ?? session.marker, isDeclaredFork: session.isDeclaredFork,
            head: session.head, turns: session.turns, created: session.created))
      }
    }
  }

  private func describe(_ before: [LineageThread], _ outcomes: [Reconciliation.Outcome]) -> String {
    func line(_ thread: LineageThread) -> String {
      "\(short(thread.id)) \(thread.head.digests.map { String("\($0)".prefix(4)) }) segments"
        + " \(thread.segments.map(\.count)) fork \(thread.isDeclaredFork) root \(short(thread.root))"
        + " closed \(thread.isClosed) turns \(thread.turns)"
    }
    func short(_ id: ThreadID) -> String { String(id.text.prefix(13)) }
    return
      (["here:"] + before.map(line) + ["sessions:"]
      + zip(sessions, outcomes).map { session, outcome in
        line(session)
          + "\n    -> \(outcome.decision.classification) \(outcome.decision.detail.map { "\($0)" } ?? "")"
          + " candidate \(outcome.decision.candidate.map(short) ?? "-") common \(outcome.decision.common)"
          + " target \(outcome.target.map(short) ?? "-") written \(outcome.isWritten)"
      } + [
        "blocked: \(blocked.map { "\(short($0.session)) \($0.classification)" }), rows \(rowsWithoutFile.map(short))"
      ]
      + ["tombstones:"] + tombstones.map(line))
      .joined(separator: "\n")
  }
}

extension SeededGenerator {
  /// What each id is, wherever it turns up: a thread of its own, a fork, or a branch of one of the first four.
  fileprivate mutating func natures() -> [Int: Nature] {
    let roots = (0..<4).map { _ in chance(3) }
    return Dictionary(
      uniqueKeysWithValues: (0..<24).map { number in
        if number < 4 { return (number, Nature(root: nil, isFork: roots[number], isBranchClosed: false)) }
        let root = below(4)
        guard chance(3) else { return (number, Nature(root: nil, isFork: chance(4), isBranchClosed: false)) }
        return (number, Nature(root: root, isFork: roots[root], isBranchClosed: roots[root]))
      })
  }

  fileprivate mutating func threads(ids: [Int], _ natures: [Int: Nature]) -> [LineageThread] {
    ids.prefix(below(ids.count + 1)).map { number in
      var head = records()
      let nature = natures[number] ?? Nature(root: nil, isFork: false, isBranchClosed: false)
      // Without a first record there is no marker.
      if head.isEmpty, nature.root != nil { head = [1] }
      let segments = chance(5) ? [records()] : []
      var marker: Marker?
      if let root = nature.root, let key = history(head).lineageKey {
        marker = Marker(
          lineageKey: key, rootOrigin: nil, rootThread: id(root), common: 1, isClosed: nature.isBranchClosed)
      }
      let turns: LineageThread.Turns =
        switch below(6) {
        case 0: .init(open: "t")
        case 1: .init(ended: "t")
        default: .init()
        }
      return thread(
        number, head, segments: segments, fork: nature.isFork, marker: marker, turns: turns,
        created: Int64(below(3)))
    }
  }
}

/// What a thread is by its `session_meta`.
private struct Nature {
  let root: Int?
  let isFork: Bool
  let isBranchClosed: Bool
}
