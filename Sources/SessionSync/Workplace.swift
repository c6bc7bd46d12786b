import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// The home's `session-sync/` folder: lock, journal and origin.
struct Workplace {
  let home: CodexHome

  var journal: Journal { Journal(root: home.ownFolder.appending("journal"), home: home.root) }
  var sidecar: FilePath { home.ownFolder.appending("sidecar.sqlite") }
  var lockFile: FilePath { home.ownFolder.appending("lock") }
  private var originFile: FilePath { home.ownFolder.appending("origin") }

  /// Refuses a home of which a part is a link that leads nowhere.
  func requireReachable() throws(SyncError) {
    let away = try lift(SyncError.home) { () throws(CodexHomeError) in try home.linksAway() }
    if !away.isEmpty { throw .home(.away(away)) }
  }

  /// Which transactions there are, and which of them are open.
  func survey() throws(SyncError) -> JournalSurvey {
    let journal = journal
    return try lift(SyncError.journal) { () throws(JournalError) in try journal.survey() }
  }

  /// Takes the lock that one writing command holds at a time, making the folder if needed.
  func lock() throws(SyncError) -> RunLock {
    try requireReachable()
    let path = lockFile
    let folder = home.ownFolder
    let held = try lift(SyncError.file) { () throws(FileError) -> RunLock? in
      try Folder.createPrivate(folder)
      // One that only looks holds it for a moment.
      for pause in [0] + Pause.brief {
        Pause.take(milliseconds: pause)
        guard let lock = try FileLock.acquire(path, mode: .privateFile) else { continue }
        // What an older version made is closed too.
        try tighten()
        return RunLock(lock)
      }
      return nil
    }
    guard let held else { throw .anotherRun(path) }
    return held
  }

  /// Closes what an older version left open to others: the journal's folders and our own files.
  ///
  /// What lies in a folder that nobody else enters is out of reach, whatever its own mode.
  private func tighten() throws(FileError) {
    for name in try Folder.names(in: home.ownFolder) {
      let path = home.ownFolder.appending(name)
      switch try FileStamp.of(path)?.kind {
      case .folder: AccessMode.privateFolder.set(path)
      case .file: AccessMode.privateFile.set(path)
      default: break
      }
    }
  }

  /// Settles what a crash left; to be called under the lock.
  ///
  /// Takes Codex's writer locks of the threads it may cut or move; throws `.busy` where Codex has one loaded.
  func recover(
    _ watch: any TransactionWatch
  ) throws(SyncError) -> [(transaction: Transaction, outcome: Recovery.Outcome)] {
    let journal = journal
    let survey = try survey()
    let threads = try lift(SyncError.journal) { () throws(JournalError) in
      var operations: [Operation] = []
      for transaction in survey.open { operations += try journal.operations(of: transaction) }
      return RollbackPlanner.threads(of: operations)
    }
    let locks = try ThreadLocks(home, threads)
    defer { _ = locks }
    let found = threads.isEmpty ? nil : home.survey()
    // What lies on a disk that is away is neither there nor gone.
    if let away = found?.away, !away.isEmpty { throw .home(.away(away)) }
    let dependents = Dependents(found?.rollouts ?? [])
    let recovery = Recovery(
      journal: journal, rows: CatalogueRows(home: home), threads: dependents, watch: watch)
    return try lift(SyncError.journal) { () throws(JournalError) in try recovery.run(survey) }
  }

  /// The id of the next transaction: its time, and chance.
  ///
  /// Ids grow from transaction to transaction, also when the clock was set back, because their order is the order in
  /// which the journal says things were done.
  func nextTransactionID(_ surroundings: Surroundings) throws(SyncError) -> String {
    let journal = journal
    let ids = try lift(SyncError.journal) { () throws(JournalError) in try journal.ids() }
    // An id holds 48 bits of time; a folder that somebody named by the last moment has none behind it.
    let last = ids.compactMap { ThreadID($0)?.milliseconds }.filter { $0 < (1 << 48) - 1 }.max() ?? 0
    let now = UInt64(max(0, surroundings.now.milliseconds))
    return ThreadID(milliseconds: max(now, last + 1), entropy: surroundings.entropy()).text
  }

  /// The random id of this installation; made at the first writing command, nil where the home cannot be written.
  func origin(_ entropy: () -> [UInt8]) -> String? {
    if let known = knownOrigin { return known }
    let text = ThreadID(random: entropy()).text
    do throws(FileError) {
      try Folder.createPrivate(home.ownFolder)
      try DurableFile.replace(originFile, with: Array(text.utf8) + [0x0A])
      return text
    } catch {
      return nil
    }
  }

  /// The id of this installation, where it has one already.
  var knownOrigin: String? {
    guard let bytes = try? FileReading.bytesIfPresent(of: originFile, limit: 100) else { return nil }
    return ThreadID(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))?.text
  }
}

/// The lock of one run, held until the value ends.
final class RunLock {
  private let lock: FileLock
  init(_ lock: consuming FileLock) { self.lock = lock }
}
