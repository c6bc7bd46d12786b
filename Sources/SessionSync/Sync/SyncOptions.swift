import Rollout

/// What the user asked of `sync` and `inspect-package`.
public struct SyncOptions: Sendable, Hashable {
  /// Only these sessions of the package; nil for all.
  public var only: Set<ThreadID>?
  /// `--map FROM=TO`.
  public var maps: [PathMap.Prefix] = []
  /// Whether the packing machine is the user's own, so that its sessions may work in the home folder and the like.
  public var trustsOrigin = false
  /// Whether an unrelated session with a taken id is written under a derived one.
  public var importsCollisions = false
  /// Whether conversations that were deleted here come back.
  public var restoresDeleted = false
  /// Whether skills that are missing here are taken from the package.
  public var importsMissingSkills = false
  /// Whether working directories under the local home are made.
  public var createsDirectories = false

  /// Asks for nothing special.
  public init() {}
}
