import Foundation
import SyncTestSupport
import SystemPackage

/// Plays scenarios on several stages at once.
struct Matrix: Sendable {
  /// Which parts are played.
  enum Pass: String, Sendable, CaseIterable {
    /// Killed at each point, and in the middle of each write.
    case crash
    /// The recovery killed as well, three times over.
    case nested
    /// What was not made durable is lost.
    case power
    /// Calls that fail.
    case faults
  }

  let scenarios: [Scenario]
  let passes: Set<Pass>
  /// Beyond the first level, every so many points are played.
  let stride: Int
  /// One point only.
  let point: Int?
  let tools: Stage.Tools
  let scratch: FilePath
  let workers: Int

  /// Plays all; answers what each scenario came to.
  func run() async -> [(name: String, tally: Tally)] {
    var tallies: [String: Tally] = [:]
    await withTaskGroup(of: [(String, Tally)].self) { group in
      for worker in 0..<workers { group.addTask { play(worker) } }
      for await played in group {
        for (name, tally) in played { tallies[name] = (tallies[name] ?? Tally()) + tally }
      }
    }
    return scenarios.map { ($0.name, tallies[$0.name] ?? Tally()) }
  }

  /// One worker's share of every scenario.
  private func play(_ worker: Int) -> [(String, Tally)] {
    let core = worker % ProcessInfo.processInfo.activeProcessorCount
    let stage = Stage(folder: scratch.appending("stage-\(worker)"), tools: tools, core: core)
    // The fullest, which find most, stand last and are played first: what fails is known early.
    return scenarios.reversed().map { scenario in
      let start = Date()
      var tally = Tally()
      do {
        let play = try Play(scenario, stage)
        tally.points = play.points.count
        for (index, turn) in turns(play).enumerated() where index % workers == worker {
          do {
            try turn.run(&tally)
          } catch {
            tally.failures.append("\(turn.name): \((error as? Broken)?.what ?? "\(error)")")
          }
        }
      } catch {
        tally.failures.append("\((error as? Broken)?.what ?? "\(error)")")
      }
      let seconds = Int(Date().timeIntervalSince(start))
      complain(
        "worker \(worker): \(scenario.name), \(tally.points) points, \(tally.failures.count) failed, \(seconds) s"
      )
      for failure in tally.failures.prefix(5) { complain("  \(failure)") }
      return (scenario.name, tally)
    }
  }

  /// One thing to play, and what a report calls it.
  private struct Turn {
    let name: String
    let run: (inout Tally) throws -> Void
  }

  private func turns(_ play: Play) -> [Turn] {
    var turns: [Turn] = []
    if passes.contains(.crash) {
      for point in play.points where isChosen(point) {
        turns.append(Turn(name: "killed at \(point.text)") { try play.crash(.kill(point.number), &$0) })
      }
      for point in play.points where point.isWrite && isChosen(point) {
        turns.append(
          Turn(name: "killed inside \(point.text)") {
            $0.torn += 1
            try play.crash(.tear(point.number), &$0)
          })
      }
    }
    if passes.contains(.nested), Scenario.nested.contains(where: { $0.name == play.scenario.name }) {
      for point in strided(Point.distinct(play.points)) {
        turns.append(Turn(name: "killed at \(point.text)") { try play.nestedCrash(point.number, &$0) })
      }
    }
    if passes.contains(.power) {
      for loss in Injection.Loss.allCases {
        for point in strided(play.points) {
          turns.append(
            Turn(name: "\(loss.rawValue) at \(point.text)") { try play.losePower(point.number, loss, &$0) })
        }
        if self.point == nil {
          turns.append(
            Turn(name: "\(loss.rawValue) at the end") { try play.losePower(play.points.count + 1, loss, &$0) }
          )
        }
      }
    }
    if passes.contains(.faults) {
      for fault in Injection.Fault.allCases {
        for point in strided(fault.isOfLocks ? play.locks : play.points) where fault.concerns(point) {
          turns.append(
            Turn(name: "\(fault.rawValue) at \(point.text)") { try play.fault(fault, point.number, &$0) })
        }
      }
    }
    return turns
  }

  private func isChosen(_ point: Point) -> Bool { self.point == nil || self.point == point.number }

  private func strided(_ points: [Point]) -> [Point] {
    points.filter { isChosen($0) && (point != nil || $0.number % stride == 0) }
  }
}

/// Says something to whoever watches.
func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
