import CodexHome
import Rollout

/// Codex's writer locks of some threads, held until the value ends: while it lives no Codex writes them.
final class ThreadLocks {
  private let held: HeldLocks?

  /// Takes the locks of all threads; throws `.busy` with those that Codex has loaded.
  init(_ home: CodexHome, _ threads: [ThreadID]) throws(SyncError) {
    guard !threads.isEmpty else {
      held = nil
      return
    }
    if try Self.areNotTaken(home) { throw .busy(threads) }
    let acquisition = try lift(SyncError.home) { () throws(CodexHomeError) in
      try WriterLocks(home).acquire(threads)
    }
    switch acquisition {
    case .held(let locks): held = locks
    case .busy(let thread): throw .busy([thread])
    }
  }

  /// Whether a Codex runs on the home that takes no locks, so that any thread may be its.
  static func areNotTaken(_ home: CodexHome) throws(SyncError) -> Bool {
    let database = try lift(SyncError.home) { () throws(CodexHomeError) in try home.stateDatabase() }
    guard let database else { return false }
    return !RunningCodex.lockless(holding: database.path, processes: home.processes).isEmpty
  }
}
