import JSONTestSupport
import Lineage
import Rollout
import Testing

/// Random trees of histories, spread at random over a home and a package.
struct RandomWorldTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func thePromiseHoldsInRandomWorlds(_ first: UInt64) throws {
    for seed in stride(from: first, to: first + 8 * 250, by: 8) { try check(seed: seed) }
  }

  private func check(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let note: Comment = "seed \(seed)"
    var world = World(threads: generator.threads(ids: Array(0..<6).shuffled(using: &generator)))
    let sessions = generator.threads(ids: Array(0..<8).shuffled(using: &generator))
    world.importsCollisions = Bool.random(using: &generator)
    let blocked = Set(sessions.indices.filter { _ in Int.random(in: 0..<6, using: &generator) == 0 })
    world.isBlocked = { index, _ in blocked.contains(index) }
    let before = world.threads
    let outcomes = world.outcomes(of: sessions)
    try world.apply(outcomes, of: sessions, note)
    for (index, (session, outcome)) in zip(sessions, outcomes).enumerated() {
      let isExcused =
        blocked.contains(index) || outcome.decision.classification == .idCollisionUnrelated
      #expect(world.holds(session.head) || isExcused || session.head.count == 0, note)
      #expect(!(outcome.isWritten && blocked.contains(index)), note)
      if outcome.isWritten, let target = outcome.target {
        let held = world.threads.first { $0.id == target }?.head
        #expect(held.map(session.head.isPrefix(of:)) == true, note)
      }
    }
    for thread in before {
      let after = world.threads.first { $0.id == thread.id }
      #expect(after.map { thread.head.isPrefix(of: $0.head) && thread.segments == $0.segments } == true, note)
    }
    let again = world.outcomes(of: sessions)
    #expect(again.allSatisfy { !$0.isWritten }, note)
    #expect(world.outcomes(of: sessions) == again, note)
  }
}

extension SeededGenerator {
  fileprivate mutating func threads(ids: [Int]) -> [LineageThread] {
    ids.prefix(Int.random(in: 0...ids.count, using: &self)).map { number in
      let head = records()
      let kind = Int.random(in: 0..<8, using: &self)
      let segments = Int.random(in: 0..<4, using: &self) == 0 ? [records()] : []
      var marker: Marker?
      if kind < 2, let key = history(head).lineageKey {
        marker = Marker(
          lineageKey: key, rootOrigin: nil, rootThread: id(Int.random(in: 0..<6, using: &self)), common: 1,
          isClosed: kind == 1)
      }
      return thread(
        number, head, segments: segments, fork: kind == 2 || kind == 1, marker: marker,
        created: Int64.random(in: 0..<3, using: &self))
    }
  }
}
