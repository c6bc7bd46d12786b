import SyncTestSupport
import SystemPackage

/// Crashes of the command, and of the recovery from them.
extension Play {
  /// Kills the command at a point, and sees that `recover`, and the command itself, bring the home in order.
  func crash(_ injection: Injection, _ tally: inout Tally) throws {
    try stage.restore(.template)
    let rollouts = try stage.rollouts()
    try die(command, injection)
    try stage.save(.crashed)
    switch try recover() {
    case .before: tally.toBefore += 1
    case .after: tally.toAfter += 1
    }
    for (path, number) in try stage.rollouts() where (rollouts[path] ?? number) != number {
      throw Broken("\(path) is another file")
    }
    try expectTidy()
    try expectSidecarAgrees()
    try repeatCommand()
    // The next command recovers by itself.
    try stage.restore(.crashed)
    try repeatCommand()
    if try !stage.journal().litter.isEmpty { _ = try recover() }
    try expectTidy()
  }

  /// Kills the command at a point, and then the recovery at each of its own points, three times over.
  func nestedCrash(_ point: Int, _ tally: inout Tally) throws {
    try stage.restore(.template)
    try die(command, .kill(point))
    try stage.save(.crashed)
    let counted = try stage.count(Self.recovery)
    for inner in Point.distinct(counted.points) {
      tally.nested += 1
      do {
        try stage.restore(.crashed)
        try die(Self.recovery, .kill(inner.number))
        // What is left to do may have fewer points by now.
        for _ in 0..<2 { _ = try stage.run(Self.recovery, .kill(inner.number)) }
        _ = try recover()
        try expectTidy()
      } catch let broken as Broken {
        throw Broken("recovery killed at \(inner.text): \(broken.what)")
      }
    }
  }

  /// Lets the power go at a point; behind the last point, when the command has ended.
  func losePower(_ point: Int, _ loss: Injection.Loss, _ tally: inout Tally) throws {
    tally.powerLosses += 1
    try stage.restore(.template)
    let isEnd = point > points.count
    let outcome = try stage.run(command + ["--json"], .lose(point, loss))
    guard isEnd ? outcome.status == 0 : outcome.isKilled else { throw Broken("did not die: \(outcome.text)") }
    if isEnd, try side() != .after { throw Broken("what was said to be done is lost") }
    _ = try recover()
    try expectTidy()
    try finishCommand()
  }

  static let recovery = ["recover", "--json"]

  /// Runs `recover`, and says what the home came to.
  func recover() throws -> Side {
    let outcome = try stage.run(Self.recovery)
    guard outcome.status == 0 else { throw Broken("recover: \(outcome.text)") }
    let side = try side()
    if let open = try stage.journal().open.first { throw Broken("still open: \(open)") }
    return side
  }

  private func die(_ command: [String], _ injection: Injection) throws {
    let outcome = try stage.run(command, injection)
    guard outcome.isKilled else { throw Broken("did not die: \(outcome.text)") }
  }
}
