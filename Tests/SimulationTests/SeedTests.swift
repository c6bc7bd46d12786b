import Simulation
import Testing

/// A few small worlds; `make test` plays 400 whole ones in a release build, `make simulate` 20,000.
struct SeedTests {
  @Test(arguments: 0..<4 as Range<UInt64>)
  func randomWorldsKeepAllPromises(worker: UInt64) throws {
    let failure = try withWorldFolder { folder -> String? in
      let simulation = Simulation(scratch: folder)
      for seed in stride(from: worker, to: 8, by: 4) {
        let scenario = Scenario(seed: seed, isSmall: true)
        guard simulation.play(scenario).violation != nil else { continue }
        let shortest = simulation.shrink(scenario)
        let outcome = simulation.play(shortest)
        return "seed \(seed): \(outcome.violation ?? "")\n" + outcome.trace.joined(separator: "\n")
      }
      return nil
    }
    #expect(failure == nil, "\(failure ?? "")")
  }

  @Test func theSameSeedIsTheSameWorld() throws {
    let traces = try (0..<2).map { _ in
      try withWorldFolder { Simulation(scratch: $0).play(Scenario(seed: 5, isSmall: true)).trace }
    }
    #expect(traces[0] == traces[1])
    #expect(traces[0].count > 10)
  }
}
