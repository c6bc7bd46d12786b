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
    let lockless = try Self.takers(of: home)
    if !lockless.isEmpty { throw .busy(threads, lockless) }
    let acquisition = try lift(SyncError.home) { () throws(CodexHomeError) in
      try WriterLocks(home).acquire(threads)
    }
    switch acquisition {
    case .held(let locks): held = locks
    case .busy(let thread):
      throw .busy([thread], [WriterLocks(home).holder(of: thread)].compactMap(\.self))
    }
  }

  /// The processes on the home that take threads without locks, so that any may be theirs.
  static func takers(of home: CodexHome) throws(SyncError) -> [RunningCodex.Process] {
    let database = try lift(SyncError.home) { () throws(CodexHomeError) in try home.stateDatabase() }
    guard let database else { return [] }
    return RunningCodex.lockless(holding: database.path, processes: home.processes)
  }
}
