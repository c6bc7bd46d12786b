import CodexHome
import DurableFiles
import Rollout
import SystemPackage

/// What keeps this user from carrying writes out, asked while they are planned: what cannot be written blocks its own
/// session, and the others go on.
struct WriteObstacles: Sendable {
  private let home: CodexHome
  /// In the way of every write: the journal.
  private let journal: FileError?
  /// In the way of rows.
  let catalogue: FileError?
  /// In the way of dropping what Codex derived.
  private let derived: FileError?
  /// In the way of a line in `session_index.jsonl`.
  private let index: FileError?

  /// Looks at what all sessions share.
  init(_ home: CodexHome) throws(SyncError) {
    self.home = home
    journal = WriteAccess.obstacle(makingIn: home.ownFolder.appending("journal"))
    let (database, history) = try lift(SyncError.home) { () throws(CodexHomeError) in
      (try home.stateDatabase(), try home.threadHistory())
    }
    catalogue = database.flatMap { WriteAccess.obstacle(changing: $0.path) }
    derived = WriteAccess.obstacle(changing: history)
    index = WriteAccess.obstacle(toLinesOf: home.sessionIndex)
  }

  /// The first obstacle to a write.
  func first(to write: SessionWrite) -> FileError? {
    if let obstacle = journal ?? WriterLocks(home).obstacle(to: write.thread) { return obstacle }
    if !write.rows.isEmpty, let catalogue { return catalogue }
    if write.indexLine != nil, let index { return index }
    switch write.target {
    case .create(let path, let old):
      return derived ?? old.flatMap { WriteAccess.obstacle(removing: $0.rollout.path) }
        ?? WriteAccess.obstacle(makingIn: path.removingLastComponent())
    case .append(let target): return first(to: target)
    }
  }

  private func first(to target: SessionWrite.AppendTarget) -> FileError? {
    if target.wasCut, let derived { return derived }
    let file = target.ending.path
    // A compressed file is not written to: a plain one is put beside it, and it goes into the journal.
    let isExpanded = file != target.path
    let obstacle =
      isExpanded ? WriteAccess.obstacle(removing: file) : WriteAccess.obstacle(appendingTo: file)
    if let obstacle { return obstacle }
    guard let destination = target.movesTo, destination != target.path else { return nil }
    return (isExpanded ? nil : WriteAccess.obstacle(removing: file))
      ?? WriteAccess.obstacle(makingIn: destination.removingLastComponent())
  }
}

extension WriteAccess {
  /// Why no line can be added to a file of lines, and dropped again.
  fileprivate static func obstacle(toLinesOf path: FilePath) -> FileError? {
    let isThere = ((try? FileStamp.of(path)) ?? nil) != nil
    return obstacle(makingIn: path.removingLastComponent())
      ?? (isThere ? obstacle(appendingTo: path) : nil)
  }
}

extension SyncPlan {
  /// The sessions that write to, or below, a path.
  func sessions(writing path: FilePath) -> [ThreadID] {
    sessions.filter { $0.write?.paths.contains { $0.starts(with: path) } ?? false }.map(\.threadID)
  }
}
