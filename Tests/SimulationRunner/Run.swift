import Foundation
import Simulation
import SystemPackage

/// `SEEDS=N` plays the seeds 0..<N (from `FROM=N` on), `SEED=N` one of them, and tells what happened.
@main
struct Run {
  static func main() async {
    // `make` passes on what is not set as empty.
    let environment = ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }
    let scratch = FilePath(
      environment["SCRATCH"] ?? (FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"))
    let folder = scratch.appending("simulate-\(ProcessInfo.processInfo.processIdentifier)")
    let isClean = await run(environment, Simulation(scratch: folder, tools: tools(environment)))
    try? FileManager.default.removeItem(atPath: folder.string)
    exit(isClean ? 0 : 1)
  }

  /// What interrupts deliveries: `make` says where it is.
  private static func tools(_ environment: [String: String]) -> AccidentTools? {
    guard let program = environment["CODEX_SESSION_SYNC"], let shim = environment["CRASH_POINTS"] else {
      print("no accidents: CODEX_SESSION_SYNC and CRASH_POINTS do not say where program and shim are")
      return nil
    }
    return AccidentTools(program: program, shim: shim)
  }

  private static func run(_ environment: [String: String], _ simulation: Simulation) async -> Bool {
    func number(_ name: String, _ standard: UInt64) -> UInt64 {
      environment[name].flatMap(UInt64.init) ?? standard
    }
    let isShrinking = number("SHRINK", 1) == 1
    if let seed = environment["SEED"].flatMap(UInt64.init) { return replay(seed, simulation, isShrinking) }
    let first = number("FROM", 0)
    let workers = Int(number("WORKERS", UInt64(ProcessInfo.processInfo.activeProcessorCount)))
    let limit = Int(number("FAILURES", 1))
    let start = Date()
    let (played, failed) = await play(first..<(first + number("SEEDS", 20_000)), workers, simulation, limit)
    let seconds = Int(Date().timeIntervalSince(start))
    print("\(played) worlds from seed \(first) on, \(failed.count) failed, \(seconds) s")
    for seed in failed.sorted().prefix(limit) { _ = replay(seed, simulation, isShrinking) }
    return failed.isEmpty
  }

  /// Plays seeds on all cores; answers how many, and those that failed, giving up after some.
  private static func play(
    _ seeds: Range<UInt64>, _ workers: Int, _ simulation: Simulation, _ limit: Int
  ) async -> (played: Int, failed: [UInt64]) {
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
      return (done, failed)
    }
  }

  private static func replay(_ seed: UInt64, _ simulation: Simulation, _ isShrinking: Bool) -> Bool {
    var scenario = Scenario(seed: seed)
    var outcome = simulation.play(scenario)
    if outcome.violation != nil, isShrinking {
      scenario = simulation.shrink(scenario)
      outcome = simulation.play(scenario)
    }
    print("seed \(seed), \(scenario.steps.count) steps")
    for line in outcome.trace { print("  \(line)") }
    print(outcome.violation.map { "seed \(seed) failed: \($0)" } ?? "seed \(seed) kept all promises")
    return outcome.violation == nil
  }
}
