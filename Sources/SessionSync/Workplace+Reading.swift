import CodexHome
import DurableFiles
import Journal

/// Looking at a home without its lock, while another run may be at work on it.
extension Workplace {
  /// Does what only reads, and answers what is true of one state of the home.
  ///
  /// A transaction that is open while somebody holds the lock is another run's, and is waited for; one that nobody
  /// works at is a crash's. Where a transaction was begun meanwhile, what was read, or why it could not be, is of
  /// neither state: it is read again.
  ///
  /// - Parameters:
  ///   - unsettled: whether a home that a crash left between two states is looked at, too.
  ///   - pauses: how long another run is waited for, in milliseconds each.
  func reading<Value>(
    unsettled: Bool = false, pauses: [Int] = Pause.patient, _ body: () throws(SyncError) -> Value
  ) throws(SyncError) -> Value {
    for _ in 1...5 {
      let before = try settled(orCrashed: unsettled, pauses)
      let found: Result<Value, SyncError> = Result { () throws(SyncError) in try body() }
      if try standing() == before { return try found.get() }
    }
    throw .anotherRun(lockFile)
  }

  /// Waits until no run has a transaction open.
  private func settled(orCrashed: Bool, _ pauses: [Int]) throws(SyncError) -> Standing {
    for pause in [0] + pauses {
      Pause.take(milliseconds: pause)
      let standing = try standing()
      if standing.open.isEmpty { return standing }
      // In this order: a run that ended in between left another standing.
      if try !isLocked(), try self.standing() == standing {
        if orCrashed { return standing }
        throw .needsRecovery(standing.open)
      }
    }
    throw .anotherRun(lockFile)
  }

  /// Whether a run is at work.
  func isLocked() throws(SyncError) -> Bool {
    let path = lockFile
    return try lift(SyncError.file) { () throws(FileError) in try FileLock.isHeld(path) }
  }

  private struct Standing: Equatable {
    /// The newest transaction.
    let newest: String?
    /// Those that are neither finished nor undone.
    let open: [String]
  }

  private func standing() throws(SyncError) -> Standing {
    let journal = journal
    return try lift(SyncError.journal) { () throws(JournalError) in
      Standing(newest: try journal.ids().max(), open: try journal.survey().open.map(\.id))
    }
  }
}
