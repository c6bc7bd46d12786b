/// What the program's exit codes mean; scripts and agents rely on them.
enum ExitStatus: Int32, CaseIterable {
  /// Done, or nothing to do; a preserved divergence is success.
  case done = 0
  /// Failed: nothing changed, or what changed was undone.
  case failed = 1
  /// Done, but some sessions were blocked or collided.
  case incomplete = 3
  /// Another run, or Codex, holds what all of the work needs; nothing written.
  case busy = 4
  /// The package was refused; nothing written.
  case refused = 5
  /// The state needs recovery or repair first.
  case needsRecovery = 6
  /// The command line was not understood.
  case usage = 64
}
