import CodexHome
import DurableFiles
import Rollout

/// Threads that somebody else has loaded, and who, where that can be seen.
struct BusyThreads: Sendable {
  private var holders: [ThreadID: RunningCodex.Process?] = [:]

  /// Looks which of some threads are loaded; creates nothing.
  ///
  /// - Parameters:
  ///   - threads: threads that are here: a Codex that takes no locks may have any of them loaded.
  ///   - incoming: ids that may not be here any more, although a Codex still has the thread loaded.
  ///   - known: threads that turned out to be locked when they were to be written.
  init(
    among threads: [ThreadID], incoming: [ThreadID] = [], of home: CodexHome, known: Set<ThreadID> = []
  ) throws(SyncError) {
    let lockless = try ThreadLocks.takers(of: home)
    if let process = lockless.first {
      for thread in threads { holders[thread] = process }
      return
    }
    let locks = WriterLocks(home)
    for thread in Set(threads + incoming) {
      guard try Self.isHeld(thread, locks) || known.contains(thread) else { continue }
      holders[thread] = .some(locks.holder(of: thread))
    }
  }

  /// A lock that cannot be looked at stands in the way of its own thread only, once that is to be written.
  private static func isHeld(_ thread: ThreadID, _ locks: WriterLocks) throws(SyncError) -> Bool {
    do throws(CodexHomeError) { return try locks.isHeld(thread) } catch {
      if case .file(let error) = error, error.isRefusal { return false }
      throw .home(error)
    }
  }

  /// No thread at all.
  init() {}

  func contains(_ thread: ThreadID) -> Bool { holders[thread] != nil }

  /// What stands in the way of writing to a thread.
  func blocker(_ thread: ThreadID) -> Blocker {
    Blocker(.busy, detail: thread.text, process: holders[thread] ?? nil)
  }

  /// The error of a command that needs all of the threads; nil where none is loaded.
  var error: SyncError? {
    if holders.isEmpty { return nil }
    let processes = Set(holders.values.compactMap(\.self)).sorted { $0.id < $1.id }
    return .busy(holders.keys.sorted(), processes)
  }
}
