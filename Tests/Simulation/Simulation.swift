import DurableFiles
import SystemPackage

/// Plays random worlds on the library's real code and real files, and finds the shortest way to what went wrong.
public struct Simulation: Sendable {
  /// A folder for the worlds' files, best in memory.
  public let scratch: FilePath
  /// What deliveries are interrupted with; without them none is.
  public let tools: AccidentTools?

  /// Prepares worlds.
  public init(scratch: FilePath, tools: AccidentTools? = nil) {
    self.scratch = scratch
    self.tools = tools
  }

  /// What a world came to.
  public struct Outcome: Sendable {
    /// What happened.
    public let trace: [String]
    /// The promise that was not kept; nil where all were.
    public let violation: String?
  }

  /// Plays one world in a folder of its own, which is removed afterwards.
  public func play(_ scenario: Scenario) -> Outcome {
    let folder = scratch.appending("world-\(scenario.seed)")
    defer { try? Folder.removeTree(folder) }
    var trace: [String] = []
    do {
      try Folder.removeTree(folder)
      try Folder.create(folder)
      var player = try Player(scenario, in: folder, tools: tools)
      defer { trace = player.world.trace }
      try player.play()
      return Outcome(trace: player.world.trace, violation: nil)
    } catch {
      return Outcome(trace: trace, violation: "\(error)")
    }
  }

  /// The fewest steps of a failing scenario that still fail, found by leaving out more and more.
  public func shrink(_ scenario: Scenario) -> Scenario {
    var shortest = scenario
    var size = max(1, shortest.steps.count / 2)
    while true {
      var start = 0
      var isShorter = false
      while start < shortest.steps.count {
        var candidate = shortest
        candidate.steps.removeSubrange(start..<min(start + size, shortest.steps.count))
        if play(candidate).violation != nil {
          shortest = candidate
          isShorter = true
        } else {
          start += size
        }
      }
      if size == 1, !isShorter { return shortest }
      size = max(1, size / 2)
    }
  }
}
