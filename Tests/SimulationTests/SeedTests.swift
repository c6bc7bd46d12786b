import Simulation
import Testing

/// Random worlds; `make simulate` plays many more of them, and larger ones.
struct SeedTests {
  @Test(arguments: 0..<4 as Range<UInt64>)
  func randomWorldsKeepAllPromises(worker: UInt64) async throws {
    let failure = try withWorldFolder { folder -> String? in
      let simulation = Simulation(scratch: folder)
      for seed in stride(from: worker, to: 12, by: 4) {
        let scenario = Scenario(seed: seed)
        guard simulation.play(scenario).violation != nil else { continue }
        let shortest = simulation.shrink(scenario)
        let outcome = simulation.play(shortest)
        return "seed \(seed): \(outcome.violation ?? "")\n" + outcome.trace.joined(separator: "\n")
      }
      return nil
    }
    #expect(failure == nil, "\(failure ?? "")")
  }
}
