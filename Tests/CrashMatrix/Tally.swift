/// What was played of one scenario, and what it came to.
struct Tally: Sendable {
  var points = 0
  /// Runs that were killed in the middle of a write.
  var torn = 0
  /// Where recovery led after a crash at the first level.
  var toBefore = 0
  var toAfter = 0
  /// Recoveries that were killed three times over.
  var nested = 0
  var powerLosses = 0
  var faults = 0
  var failures: [String] = []

  static func + (one: Tally, other: Tally) -> Tally {
    Tally(
      points: max(one.points, other.points), torn: one.torn + other.torn,
      toBefore: one.toBefore + other.toBefore,
      toAfter: one.toAfter + other.toAfter, nested: one.nested + other.nested,
      powerLosses: one.powerLosses + other.powerLosses, faults: one.faults + other.faults,
      failures: one.failures + other.failures)
  }
}
