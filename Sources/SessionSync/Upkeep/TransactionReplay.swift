import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// Takes the journal into the sidecar again, in order: what `replay-transactions-sidecar` does.
public struct TransactionReplay {
  /// One transaction, and what of it is no longer there.
  public struct Replayed: Sendable {
    /// The transaction.
    public let transaction: Transaction
    /// Threads whose file, or whose records in it, are gone.
    public let missing: [ThreadID]
    /// Those of them whose records are in no other thread either.
    public let lost: [ThreadID]
  }

  private let home: CodexHome
  private let surroundings: Surroundings
  /// Threads that were read already.
  var known: [LocalThread] = []

  /// Prepares a run.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// Says what the journal tells, oldest first.
  ///
  /// Writes nothing.
  public func plan() throws(SyncError) -> [Replayed] {
    try Workplace(home: home).reading { () throws(SyncError) in try transactions(try wholeHome()) }
  }

  /// Takes it in: what is gone maps to nothing.
  public func execute() throws(SyncError) -> [Replayed] {
    let workplace = Workplace(home: home)
    let lock = try workplace.lock()
    defer { _ = lock }
    _ = try workplace.recover(surroundings.watch)
    surroundings.watch.did(.sidecar)
    return try takeIn(try wholeHome())
  }

  private func wholeHome() throws(SyncError) -> LocalThreads {
    let local = try LocalThreads(home, surroundings)
    try local.requireWhole()
    return local
  }

  /// Takes the whole journal into the sidecar; to be called under the lock.
  ///
  /// A session maps to where the last transaction left it whose records are still there.
  func takeIn(_ local: LocalThreads) throws(SyncError) -> [Replayed] {
    let workplace = Workplace(home: home)
    let sidecar = try lift(SyncError.sidecar) { () throws(SidecarError) in
      try Sidecar(writing: workplace.sidecar)
    }
    let replay = try lift(SyncError.journal) { () throws(JournalError) in
      try JournalReplay(workplace.journal)
    }
    let replayed = try transactions(local)
    try replay.runAnew(into: sidecar, without: Self.missing(replayed, local))
    return replayed
  }

  /// Whether what a transaction wrote for a thread is not here any more.
  static func missing(
    _ replayed: [Replayed], _ local: LocalThreads
  ) -> (_ transaction: String, ThreadID) -> Bool {
    let missing = Dictionary(uniqueKeysWithValues: replayed.map { ($0.transaction.id, Set($0.missing)) })
    return { transaction, thread in
      missing[transaction]?.contains(thread) == true || !local.isTaken(thread)
    }
  }

  /// The committed transactions, oldest first.
  func transactions(_ local: LocalThreads) throws(SyncError) -> [Replayed] {
    let journal = Workplace(home: home).journal
    var histories = HeldHistories(local, known: known)
    var replayed: [Replayed] = []
    for transaction in try TransactionLog(home: home).list().reversed()
    where transaction.status == .committed {
      var judged: [ThreadID: Bool] = [:]
      for session in transaction.details["sessions"]?.array ?? [] {
        guard let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init) else { continue }
        judged[thread] = histories.holds(thread, SyncBase(session["sync_base"]))
      }
      var missing = Set(judged.filter { !$0.value }.keys)
      let operations = try lift(SyncError.journal) { () throws(JournalError) in
        try journal.operations(of: transaction)
      }
      for operation in operations {
        guard let thread = lost(operation, local), judged[thread] == nil else { continue }
        missing.insert(thread)
      }
      let held = missing.filter { histories.isElsewhere($0, of: transaction) }
      replayed.append(
        Replayed(
          transaction: transaction, missing: missing.sorted(), lost: missing.subtracting(held).sorted()))
    }
    return replayed
  }

  /// The thread of which an operation's bytes are gone; nil where they are there, or it wrote none.
  private func lost(_ operation: Operation, _ local: LocalThreads) -> ThreadID? {
    let end: Int64
    switch operation {
    case .placeFile(_, let content): end = content.size
    case .append(_, let extent): end = extent.start + extent.content.size
    default: return nil
    }
    guard let name = operation.path?.rolloutName else { return nil }
    let rollouts = local.entries[name.thread]?.rollouts ?? []
    // What Codex compressed has another length; what it rewound goes on in another file.
    guard let rollout = rollouts.first(where: { $0.name.rolloutID == name.rolloutID }) else {
      return rollouts.isEmpty && !local.isHidden(name.thread) ? name.thread : nil
    }
    if rollout.name.isCompressed { return nil }
    do throws(FileError) {
      return (try FileStamp.of(rollout.path)?.size ?? 0) < end ? name.thread : nil
    } catch {
      // What lies where nobody can look is not lost.
      return nil
    }
  }
}

/// What threads hold now, each read once.
private struct HeldHistories {
  private let local: LocalThreads
  private var histories: [ThreadID: [History]?] = [:]

  init(_ local: LocalThreads, known: [LocalThread]) {
    self.local = local
    histories = known.reduce(into: [:]) { $0[$1.entry.id] = .some($1.histories) }
  }

  /// Whether a thread begins with what a transaction left in it, or did before its user rewound it; nil where the
  /// thread cannot be read.
  ///
  /// Its file may be shorter all the same: another tool may have installed it anew, without the bookkeeping at its end.
  mutating func holds(_ thread: ThreadID, _ base: SyncBase?) -> Bool? {
    guard let base, base.length > 0 else { return nil }
    if histories[thread] == nil {
      histories[thread] = .some((try? local.uncached().load(thread))?.histories)
    }
    guard case let held?? = histories[thread] else { return nil }
    return held.contains(where: base.isBeginning)
  }

  /// Whether what a transaction left in a thread is in another one that was read: delivered again, it may have become
  /// a branch.
  func isElsewhere(_ thread: ThreadID, of transaction: Transaction) -> Bool {
    let session = transaction.details["sessions"]?.array?.first {
      $0["local_thread_id"]?.string == thread.text
    }
    guard let base = SyncBase(session?["sync_base"]), base.length > 0 else { return false }
    let key = session?["lineage_key"]?.string
    return histories.values.compactMap(\.self).joined().contains { history in
      history.lineageKey?.description == key && base.isBeginning(of: history)
    }
  }
}

extension LocalThread {
  /// The histories of its head and of its older segments; nil where not all could be read.
  var histories: [History]? {
    note.files.contains(where: \.isUnread) ? nil : [lineage.head] + lineage.segments
  }
}
