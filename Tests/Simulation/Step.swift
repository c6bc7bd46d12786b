import SyncTestSupport

/// One step of a random world: what, where, and the number that decides everything else about it.
///
/// A step decides by its own number only, so that the others stay what they are where one is left out.
public struct Step: Sendable, Hashable {
  /// What happens.
  enum Kind: String, Sendable, CaseIterable {
    case begin, goOn, ask, open, compact, rollTurnBack, fork, spawn, rewind, rewindToNothing
    case rename, archive, migrate, retag, delete, lose, loseSidecar
    case pack, packTransfer, deliver, accident, deliverTwo, deliverBusy, deliverRestoring, exchange,
      transferInstall, adopt
    case rollBack, backUp, restore, rebuildSidecar, cloneOrigin, handOver
  }

  let kind: Kind
  let machine: Int
  let salt: UInt64
}

/// A random world, as its seed makes it.
public struct Scenario: Sendable {
  /// The seed.
  public let seed: UInt64
  /// The steps; shrinking leaves some out.
  public var steps: [Step]
  let machines: Int
  let importsCollisions: Bool
  /// Whether one person goes from machine to machine, receives, and then types: no branch may ever arise.
  let isHandOver: Bool

  /// Makes the world of a seed.
  ///
  /// - Parameter isSmall: whether it is one of few steps and machines, for a build that is not optimised.
  public init(seed: UInt64, isSmall: Bool = false) {
    self.seed = seed
    var dice = SeededGenerator(seed: seed)
    isHandOver = seed % 8 == 7
    importsCollisions = Int.random(in: 0..<3, using: &dice) == 0
    machines = (isSmall ? [2, 2, 2, 3] : [2, 2, 3, 3, 3, 4, 5]).randomElement(using: &dice) ?? 2
    let profile = isHandOver ? Self.handOver : (Self.profiles.randomElement(using: &dice) ?? [:])
    let kinds = profile.flatMap { Array(repeating: $0.key, count: $0.value) }
    let count = Int.random(in: isSmall ? 3...9 : 12...32, using: &dice)
    let machines = machines
    steps = (0..<count).map { _ in
      Step(
        kind: kinds.randomElement(using: &dice) ?? .begin,
        machine: Int.random(in: 0..<machines, using: &dice),
        salt: dice.next())
    }
    // Everybody begins with the same conversation: only then can anything diverge.
    let first = [Step(kind: .begin, machine: 0, salt: dice.next())]
    steps = first + (1..<machines).map { Step(kind: .exchange, machine: $0, salt: dice.next()) } + steps
  }

  /// Everything at random.
  private static let everything: KeyValuePairs<Step.Kind, Int> = [
    .begin: 3, .goOn: 14, .ask: 2, .open: 2, .compact: 2, .rollTurnBack: 1, .fork: 3, .spawn: 2, .rewind: 5,
    .rewindToNothing: 1, .rename: 1, .archive: 2, .migrate: 2, .retag: 1, .delete: 3, .lose: 1,
    .loseSidecar: 1, .pack: 4,
    .packTransfer: 3, .deliver: 10, .accident: 3, .deliverTwo: 1, .deliverBusy: 1, .deliverRestoring: 1,
    .exchange: 16, .transferInstall: 3, .adopt: 2,
    .rollBack: 5, .backUp: 3, .restore: 4, .rebuildSidecar: 1, .cloneOrigin: 1,
  ]
  /// One or two conversations that diverge again and again.
  private static let divergence: KeyValuePairs<Step.Kind, Int> = [
    .begin: 1, .goOn: 20, .ask: 2, .compact: 1, .exchange: 16, .pack: 4, .packTransfer: 4, .deliver: 12,
    .accident: 3, .deliverTwo: 1, .rollBack: 3,
    .loseSidecar: 1,
  ]
  /// Rewinds, deliveries around what was rewound, markers dropped.
  private static let reverts: KeyValuePairs<Step.Kind, Int> = [
    .begin: 2, .goOn: 14, .fork: 2, .rewind: 12, .rewindToNothing: 2, .migrate: 2, .exchange: 14,
    .packTransfer: 4,
    .deliver: 10, .transferInstall: 1, .loseSidecar: 1, .rollBack: 2,
  ]
  /// Forks and sub-agents that diverge.
  private static let forks: KeyValuePairs<Step.Kind, Int> = [
    .begin: 2, .goOn: 16, .fork: 8, .spawn: 4, .rewind: 3, .migrate: 2, .exchange: 16, .pack: 3,
    .packTransfer: 4,
    .deliver: 10, .rollBack: 2, .loseSidecar: 1,
  ]
  /// Deletions, and copies of what was deleted under other ids, continued, beside.
  private static let deletions: KeyValuePairs<Step.Kind, Int> = [
    .begin: 2, .goOn: 14, .fork: 2, .rewind: 3, .delete: 9, .exchange: 20, .pack: 2, .packTransfer: 3,
    .deliver: 12,
    .deliverRestoring: 2, .rollBack: 2, .lose: 2, .transferInstall: 1,
  ]
  /// Transactions that are undone, old ones, with those that were built upon them, and undone again.
  private static let undoings: KeyValuePairs<Step.Kind, Int> = [
    .begin: 1, .goOn: 14, .open: 2, .fork: 2, .spawn: 1, .rewind: 3, .archive: 2, .delete: 1, .lose: 1,
    .exchange: 16, .packTransfer: 3, .deliver: 10, .deliverRestoring: 1, .accident: 2, .transferInstall: 2,
    .adopt: 1,
    .rollBack: 14, .loseSidecar: 1,
  ]
  /// Homes that go back to a backup, whole or in part.
  private static let restores: KeyValuePairs<Step.Kind, Int> = [
    .begin: 2, .goOn: 14, .fork: 2, .rewind: 2, .delete: 1, .exchange: 16, .packTransfer: 2, .deliver: 10,
    .rollBack: 3, .backUp: 12, .restore: 14, .rebuildSidecar: 2, .loseSidecar: 1,
  ]
  private static let profiles = [
    everything, everything, divergence, reverts, forks, deletions, undoings, restores,
  ]
  private static let handOver: KeyValuePairs<Step.Kind, Int> = [
    .begin: 3, .goOn: 20, .ask: 3, .open: 3, .compact: 2, .fork: 3, .spawn: 2, .rename: 1, .archive: 1,
    .retag: 1,
    .loseSidecar: 1, .handOver: 14,
  ]
}
