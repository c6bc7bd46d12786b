import DurableFiles
import Journal
import Rollout
import SystemPackage

/// What a command is given of the world.
///
/// The library reads neither environment nor clock by itself.
public struct Surroundings: Sendable {
  /// The user's home folder: where localised paths lead.
  public let localHome: String
  /// The user's own home folder, where that is another: no package chooses to work in it either.
  public let userHome: String
  /// An existing folder outside the Codex home for working copies; each use cleans up behind itself.
  public let scratch: FilePath
  /// The time of the command.
  public let now: Timestamp
  /// Sixteen random bytes at each call.
  public let entropy: @Sendable () -> [UInt8]
  /// What this machine is called, for people; goes into packages.
  public let machine: String?
  /// Told how far the work is.
  public let progress: @Sendable (Progress) -> Void
  /// Whoever may end the process before the command is done.
  public let watch: any RunWatch

  /// How far a command is.
  public struct Progress: Sendable, Hashable {
    /// What is being done.
    public enum Phase: String, Sendable { case reading, comparing, writing, packing, noting }
    /// What is being done.
    public let phase: Phase
    /// Sessions done.
    public let done: Int
    /// Sessions in all.
    public let total: Int
  }

  /// Creates surroundings.
  public init(
    localHome: String, scratch: FilePath, now: Timestamp, entropy: @escaping @Sendable () -> [UInt8],
    machine: String? = nil, userHome: String? = nil,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }, watch: any RunWatch = Unwatched()
  ) {
    self.localHome = localHome
    self.userHome = userHome ?? localHome
    self.scratch = scratch
    self.now = now
    self.entropy = entropy
    self.machine = machine
    self.progress = progress
    self.watch = watch
  }

  /// A hidden folder for what is put into its place when it is whole, in the folder where that place is.
  func scratchFolder(in place: FilePath) throws(FileError) -> ScratchFolder {
    let folder = try ScratchFolder(in: place, id: ThreadID(random: entropy()).text, isHidden: true)
    watch.willUse(folder)
    return folder
  }
}
