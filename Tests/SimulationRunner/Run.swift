import Foundation
import Simulation
import SystemPackage

/// `SEEDS=N` plays the seeds 0..<N (from `FROM=N` on), `SEED=N` one of them, and tells what happened.
@main
struct Run {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    let scratch = FilePath(
      environment["SCRATCH"] ?? (FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"))
    let folder = scratch.appending("simulate-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    let simulation = Simulation(scratch: folder)
    if let seed = environment["SEED"].flatMap(UInt64.init) {
      exit(replay(seed, simulation, shrinking: environment["SHRINK"] != "0") ? 0 : 1)
    }
    let count = environment["SEEDS"].flatMap(UInt64.init) ?? 20_000
    let first = environment["FROM"].flatMap(UInt64.init) ?? 0
    let workers = environment["WORKERS"].flatMap(Int.init) ?? ProcessInfo.processInfo.activeProcessorCount
    let limit = environment["FAILURES"].flatMap(Int.init) ?? 1
    let start = Date()
    let failed = await play(first..<(first + count), workers, simulation, limit)
    print("\(count) seeds from \(first), \(failed.count) failed, \(Int(Date().timeIntervalSince(start))) s")
    for seed in failed.sorted().prefix(limit) { _ = replay(seed, simulation, shrinking: true) }
    try? FileManager.default.removeItem(atPath: folder.string)
    exit(failed.isEmpty ? 0 : 1)
  }

  /// Plays seeds on all cores; answers those that failed, giving up after some.
  private static func play(
    _ seeds: Range<UInt64>, _ workers: Int, _ simulation: Simulation, _ limit: Int
  ) async -> [UInt64] {
    await withTaskGroup(of: (UInt64, Bool).self) { group in
      var rest = seeds[...]
      func add() {
        guard let seed = rest.popFirst() else { return }
        group.addTask { (seed, simulation.play(Scenario(seed: seed)).violation == nil) }
      }
      for _ in 0..<workers { add() }
      var failed: [UInt64] = []
      var done = 0
      for await (seed, isClean) in group {
        done += 1
        if done % 1000 == 0 { print("\(done) played, \(failed.count) failed") }
        if !isClean { failed.append(seed) }
        if failed.count < limit { add() }
      }
      return failed
    }
  }

  private static func replay(_ seed: UInt64, _ simulation: Simulation, shrinking: Bool) -> Bool {
    var scenario = Scenario(seed: seed)
    var outcome = simulation.play(scenario)
    if outcome.violation != nil, shrinking {
      scenario = simulation.shrink(scenario)
      outcome = simulation.play(scenario)
    }
    print("seed \(seed), \(scenario.steps.count) steps")
    for line in outcome.trace { print("  \(line)") }
    print(outcome.violation.map { "seed \(seed) failed: \($0)" } ?? "seed \(seed) kept all promises")
    return outcome.violation == nil
  }
}
