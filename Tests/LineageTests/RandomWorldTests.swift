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
    var generator = Generator(seed: seed)
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

/// SplitMix64, and the random things of these tests.
private struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A walk down a tree with two conversations and at most two ways on from each record.
  mutating func records() -> [Int] {
    let length = Int.random(in: 0...5, using: &self)
    return (0..<length).reduce(into: []) { path, depth in
      let last = path.last ?? 0
      path.append(
        depth == 0 ? Int.random(in: 1...2, using: &self) : last * 2 + 1 + Int.random(in: 0...1, using: &self))
    }
  }

  mutating func threads(ids: [Int]) -> [LineageThread] {
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
