/// Random numbers that a seed determines (SplitMix64), so that a failed random test can be run again.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// What the generator began with; a test prints it.
  public let seed: UInt64
  private var state: UInt64

  /// Creates a generator; without a seed, a new one each time.
  public init(seed: UInt64 = .random(in: 0...UInt64.max)) {
    self.seed = seed
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, `count`.
  public mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

  /// Whether the one case in so many came up.
  public mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
}
