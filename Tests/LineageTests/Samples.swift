import JSONTestSupport
import Lineage
import Rollout
import Testing

/// A history whose records are numbers.
func history(_ records: Int...) -> History { history(records) }

/// A history whose records are numbers.
func history(_ records: [Int]) -> History {
  History(records.map { RecordDigest(hashing: Array("record \($0)".utf8)) })
}

/// A thread id with a number in it.
func id(_ number: Int) -> ThreadID {
  ThreadID(milliseconds: 1_700_000_000_000 + UInt64(number), entropy: [UInt8](repeating: 7, count: 10))
}

/// A thread with a history of numbers.
func thread(
  _ number: Int, _ records: [Int], segments: [[Int]] = [], fork: Bool = false, marker: Marker? = nil,
  turns: LineageThread.Turns = .init(), created: Int64 = 0
) -> LineageThread {
  LineageThread(
    id: id(number), marker: marker, isDeclaredFork: fork, head: history(records),
    segments: segments.map(history),
    turns: turns, created: created)
}

/// The marker of a branch of a thread whose history begins with record `key`.
func marker(root: Int, key: Int = 1, common: Int = 1, closed: Bool = false) throws -> Marker {
  let key = try #require(history(key).lineageKey)
  return Marker(lineageKey: key, rootOrigin: nil, rootThread: id(root), common: common, isClosed: closed)
}

/// The decision for an incoming thread over local ones, the same in whatever order they are listed.
func decide(
  _ incoming: LineageThread, over local: [LineageThread], _ location: SourceLocation = #_sourceLocation
) -> Decision {
  let decision = Classifier(threads: local).decide(incoming)
  let reversed = Classifier(threads: local.reversed()).decide(incoming)
  #expect(decision == reversed, "the order of the local threads decides", sourceLocation: location)
  return decision
}

/// A home as reconciliation sees it: decides packages and carries the outcomes out.
struct World {
  var threads: [LineageThread]
  var isBlocked: (Int, Decision) -> Bool = { _, _ in false }
  var importsCollisions = false

  init(_ threads: LineageThread...) { self.threads = threads }
  init(threads: [LineageThread]) { self.threads = threads }

  func outcomes(of sessions: [LineageThread]) -> [Reconciliation.Outcome] {
    var reconciliation = Reconciliation(
      threads: threads,
      surroundings: .init(
        isTaken: { id in threads.contains { $0.id == id } },
        isBlocked: isBlocked,
        time: { _, record in 1_800_000_000_000 + UInt64(record) }, importsCollisions: importsCollisions,
        origin: "there"))
    return reconciliation.outcomes(of: sessions)
  }

  /// Carries outcomes out as the applier would, and holds each write to the promise.
  mutating func apply(
    _ outcomes: [Reconciliation.Outcome], of sessions: [LineageThread],
    _ note: Comment? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws {
    var written: Set<ThreadID> = []
    for (session, outcome) in zip(sessions, outcomes) where outcome.isWritten {
      let target = try #require(outcome.target, sourceLocation: location)
      let note = note?.rawValue ?? ""
      #expect(
        written.insert(target).inserted, "\(target) is written twice; \(note)", sourceLocation: location)
      let position = threads.firstIndex { $0.id == target }
      if outcome.decision.classification == .fastForwardImport {
        let local = threads[try #require(position, "appends to nothing; \(note)", sourceLocation: location)]
        #expect(
          local.head.isPrefix(of: session.head), "appends to no prefix; \(note)", sourceLocation: location)
        threads[position ?? 0] = LineageThread(
          id: local.id, marker: local.marker, isDeclaredFork: local.isDeclaredFork, head: session.head,
          segments: local.segments, turns: session.turns, created: local.created)
      } else {
        #expect(position == nil, "\(target) was there already; \(note)", sourceLocation: location)
        threads.append(
          LineageThread(
            id: target, marker: outcome.marker, isDeclaredFork: session.isDeclaredFork, head: session.head,
            turns: session.turns, created: session.created))
      }
    }
  }

  /// Delivers a package: decides and carries out.
  @discardableResult
  mutating func receive(
    _ sessions: LineageThread..., location: SourceLocation = #_sourceLocation
  ) throws -> [Reconciliation.Outcome] {
    let outcomes = outcomes(of: sessions)
    try apply(outcomes, of: sessions, nil, location)
    return outcomes
  }

  /// Whether a thread here holds the history, in its head or in what its user rewound.
  func holds(_ history: History) -> Bool {
    threads.contains { thread in ([thread.head] + thread.segments).contains { history.isPrefix(of: $0) } }
  }
}

extension SeededGenerator {
  /// A walk down a tree with two conversations and at most two ways on from each record.
  mutating func records() -> [Int] {
    let length = below(6)
    return (0..<length).reduce(into: []) { path, depth in
      path.append(depth == 0 ? 1 + (chance(4) ? 1 : 0) : (path.last ?? 0) * 2 + 1 + (chance(3) ? 1 : 0))
    }
  }
}
