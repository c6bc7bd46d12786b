import JSONTestSupport

/// Doubles by bit pattern, with many where printing them goes wrong.
struct DoubleSamples {
  /// How many come at a time.
  static let batch = 10_000

  private var source: SeededGenerator

  init(seed: UInt64) { source = SeededGenerator(seed: seed) }

  /// The next ones; `index` decides of what kind they are.
  mutating func next(index: Int) -> [Double] {
    var doubles: [Double] = []
    while doubles.count < Self.batch {
      let double = index == 0 ? edge(doubles.count) : sample(index % 8)
      if double.isFinite { doubles.append(double) }
    }
    return doubles
  }

  private mutating func sample(_ kind: Int) -> Double {
    switch kind {
    case 0:
      return near(Double(sign: .plus, exponent: .random(in: -1074...1023, using: &source), significand: 1))
    case 1: return near(Double("1e\(Int.random(in: -323...308, using: &source))") ?? 1)
    case 2: return Double(bitPattern: source.next() & 0x800F_FFFF_FFFF_FFFF)
    case 3: return signed(.random(in: 9_007_199_254_740_992...1e16, using: &source))
    case 4:
      let digits = Int64.random(in: 0...99_999_999, using: &source)
      return signed(Double("\(digits)e\(Int.random(in: -20...20, using: &source))") ?? 1)
    default: return Double(bitPattern: source.next())
    }
  }

  /// The powers of two one after another, then the ends of the range in which Swift and Python differ.
  private func edge(_ index: Int) -> Double {
    let powers = 1074 + 1024
    if index < powers { return Double(sign: .plus, exponent: index - 1074, significand: 1) }
    let step = Double(index - powers)
    let edges = [
      9_007_199_254_740_992.0 + 2 * step, 1e16 - 2 * step, 9_007_199_254_740_992.0 - step, 1e16 + 2 * step,
    ]
    return edges[index % 4]
  }

  /// A double at most some steps away.
  private mutating func near(_ double: Double) -> Double {
    let steps = Int64.random(in: -40...40, using: &source)
    return Double(bitPattern: UInt64(bitPattern: Int64(bitPattern: double.bitPattern) &+ steps))
  }

  private mutating func signed(_ double: Double) -> Double { Bool.random(using: &source) ? double : -double }
}
