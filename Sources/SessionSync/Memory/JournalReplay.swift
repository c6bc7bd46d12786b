import CanonicalJSON
import Journal
import Lineage
import Rollout
import Sidecar

/// Brings a sidecar up to what the journal says.
///
/// The sidecar comes last in every command, so that a crash may leave it behind; it is never ahead, but where a home
/// was restored from a backup.
struct JournalReplay {
  let journal: Journal
  private let ids: Set<String>

  init(_ journal: Journal) throws(JournalError) {
    self.journal = journal
    ids = Set(try journal.ids())
  }

  /// Whether the sidecar knows all that the journal tells.
  func isDone(in sidecar: Sidecar) throws(SyncError) -> Bool {
    let known = try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.transactions() }
    guard known.isSubset(of: ids),
      try !lift(SyncError.sidecar, { () throws(SidecarError) in try sidecar.isToldAgain() })
    else { return false }
    return try lift(SyncError.journal) { () throws(JournalError) in
      try settled(ids.subtracting(known)).isEmpty
    }
  }

  /// Takes into the sidecar what is missing there.
  ///
  /// - Parameter told: what all transactions tell, where that was read already.
  func run(into sidecar: Sidecar, _ told: [JournalEntry]? = nil) throws(SyncError) {
    let known = try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.transactions() }
    let isRestored = !known.isSubset(of: ids)
    let new = try lift(SyncError.journal) { () throws(JournalError) in try settled(ids.subtracting(known)) }
    let undoing = new.filter { $0.status == .committed && !$0.undoes.isEmpty }
    let isOutdated = try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.isToldAgain() }
    let isAgain = isRestored || isOutdated || !undoing.isEmpty
    let entries: [JournalEntry]
    if isAgain {
      entries = if let told { told } else { try self.entries() }
    } else {
      entries = try lift(SyncError.journal) { () throws(JournalError) in try new.map(entry) }
    }
    let removed = try lift(SyncError.journal) { () throws(JournalError) in
      var threads: Set<ThreadID> = []
      var restored: Set<ThreadID> = []
      for transaction in undoing {
        restored.formUnion(try deletedBefore(transaction.undoes))
        // Where there was neither file nor row any more the user had deleted the thread before.
        let operations = try journal.operations(of: transaction)
        threads.formUnion(RollbackPlanner.threads(of: operations.filter(\.isFileChange)))
        for case .row(let change) in operations where change.after == nil {
          if let thread = RollbackPlanner.thread(of: .row(change)) { threads.insert(thread) }
        }
      }
      // What was deleted before it was brought back is deleted again.
      return threads.subtracting(restored)
    }
    try lift(SyncError.sidecar) { () throws(SidecarError) in
      // Threads of which the restored home knows nothing were not deleted by anyone.
      try sidecar.take(entries, isAgain: isAgain, forgetting: isRestored ? .all : .threads(removed))
    }
  }

  /// The threads that these transactions, or those that they undo, brought back although they had been deleted here.
  private func deletedBefore(_ ids: [String]) throws(JournalError) -> Set<ThreadID> {
    var threads: Set<ThreadID> = []
    for id in ids {
      guard let transaction = try journal.manifest(id) else { continue }
      for session in transaction.details["sessions"]?.array ?? []
      where session["restores_deleted"] == .bool(true) {
        if let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init) { threads.insert(thread) }
      }
      threads.formUnion(try deletedBefore(transaction.undoes))
    }
    return threads
  }

  /// Takes the whole journal into a sidecar, in place of what that knew of it.
  ///
  /// - Parameter isMissing: whether what a transaction wrote for a thread is not here any more: no session maps to it.
  func runAnew(
    into sidecar: Sidecar, without isMissing: (_ transaction: String, ThreadID) -> Bool
  ) throws(SyncError) {
    let told = try entries()
    // An undoing or a restore that it does not know of yet tells more than what it did: nobody deleted what went.
    try run(into: sidecar, told)
    let entries = Self.entries(told, without: isMissing)
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.take(entries, isAgain: true) }
  }

  /// What transactions tell, where no session maps to what is not here any more.
  static func entries(
    _ told: [JournalEntry], without isMissing: (_ transaction: String, ThreadID) -> Bool
  ) -> [JournalEntry] {
    told.map { entry in
      var entry = entry
      let missing = entry.sessions.filter { isMissing(entry.transaction, $0.localThread) }
      entry.unmapped += missing
      entry.sessions.removeAll { isMissing(entry.transaction, $0.localThread) }
      return entry
    }
  }

  /// What all settled transactions tell, oldest first; each is read once, on all cores.
  func entries() throws(SyncError) -> [JournalEntry] {
    try lift(SyncError.journal) { () throws(JournalError) in
      let settled = try journal.transactions().reversed().filter {
        $0.stands || [.rolledBack, .abandoned].contains($0.status)
      }
      let read = Parallel.map(settled.count) { index in
        Result { () throws(JournalError) in try entry(settled[index]) }
      }
      var entries: [JournalEntry] = []
      for one in read { entries.append(try one.get()) }
      return entries
    }
  }

  /// Whether the sidecar knows of transactions that the journal has no more: the home was restored from a backup.
  func isRestored(_ sidecar: Sidecar) throws(SyncError) -> Bool {
    try lift(SyncError.sidecar) { () throws(SidecarError) in try !sidecar.transactions().isSubset(of: ids) }
  }

  /// Those that are committed or given up, oldest first.
  private func settled(_ ids: Set<String>) throws(JournalError) -> [Transaction] {
    var found: [Transaction] = []
    for id in ids.sorted() {
      guard let transaction = try journal.manifest(id) else { continue }
      if transaction.status == .committed || transaction.status == .abandoned { found.append(transaction) }
    }
    return found
  }

  private func entry(_ transaction: Transaction) throws(JournalError) -> JournalEntry {
    if !transaction.undoers.isEmpty { return try remainder(of: transaction) }
    var entry = JournalEntry(transaction: transaction.id)
    guard transaction.status == .committed else { return entry }
    let details = transaction.details
    entry.origin = details["package"]?["origin"]?.string
    entry.sessions = try sessions(of: transaction)
    entry.unmapped = adopted(by: transaction)
    entry.pruned = (details["pruned"]?.array ?? []).compactMap { .init($0) }
    entry.pathMappings = (details["path_mappings"]?.array ?? []).compactMap { mapping in
      guard let from = mapping["from"]?.string, let to = mapping["to"]?.string else { return nil }
      return PathMap.Prefix(from: from, to: to)
    }
    entry.trustsOrigin = details["trusts_origin"]?.bool ?? false
    entry.rows = try rows(of: transaction)
    return entry
  }

  /// What is still true of a transaction that was undone, in full or in part.
  ///
  /// Of the threads that stayed, all but that sessions map to them.
  private func remainder(of transaction: Transaction) throws(JournalError) -> JournalEntry {
    var entry = JournalEntry(transaction: transaction.id)
    entry.origin = transaction.details["package"]?["origin"]?.string
    for session in try sessions(of: transaction) {
      guard let fate = transaction.fate(of: session.localThread.text) else {
        entry.sessions.append(session)
        continue
      }
      if !fate.isUndone { entry.unmapped.append(session) }
      // A branch that keeps local work was delivered by nobody.
      guard transaction.undoes.isEmpty else { continue }
      let undoer = transaction.undoers.first { $0.id == fate.transaction }
      entry.undone.append(
        .init(
          session: session, undoer: fate.transaction, time: undoer?.createdAt ?? "", isKept: !fate.isUndone))
    }
    func isUndone(_ thread: ThreadID) -> Bool { transaction.fate(of: thread.text)?.isUndone == true }
    entry.unmapped += adopted(by: transaction).filter { !isUndone($0.localThread) }
    entry.rows = try rows(of: transaction).filter { !isUndone($0.thread) }
    return entry
  }

  private func sessions(of transaction: Transaction) throws(JournalError) -> [JournalEntry.Session] {
    let sources = try journal.readNotes(of: transaction.id)?["sources"]
    return (transaction.details["sessions"]?.array ?? []).compactMap { .init($0, sources: sources) }
  }

  private func adopted(by transaction: Transaction) -> [JournalEntry.Session] {
    (transaction.details["adopted"]?.array ?? []).compactMap { .init($0, sources: nil) }
  }

  private func rows(of transaction: Transaction) throws(JournalError) -> [JournalEntry.WrittenRow] {
    var rows: [JournalEntry.WrittenRow] = []
    for case .row(let change) in try journal.operations(of: transaction) where change.table == "threads" {
      guard let id = change.key["id"]?.string.flatMap(ThreadID.init) else { continue }
      rows.append(.init(thread: id, columns: change.after))
    }
    return rows
  }
}

extension JournalEntry.Session {
  /// Reads one session of a transaction's details; nil where it went nowhere.
  fileprivate init?(_ json: JSONValue, sources: JSONValue?) {
    guard let remote = json["thread_id"]?.string.flatMap(ThreadID.init),
      let local = json["local_thread_id"]?.string.flatMap(ThreadID.init)
    else { return nil }
    let base = SyncBase(json["sync_base"])
    let rollout = json["rollout"]?.string.flatMap(ThreadID.init)
    self.init(
      remoteThread: remote, localThread: local,
      lineageKey: json["lineage_key"]?.string.flatMap(RecordDigest.init(hex:)),
      marker: Marker(json["marker"]),
      baseLength: base?.length ?? 0, baseDigest: base?.prefixDigest,
      rollout: rollout, sources: SourceRuns(rollout.flatMap { sources?[$0.text] }).runs)
  }
}

extension Operation {
  /// Whether the operation changes a file.
  fileprivate var isFileChange: Bool {
    switch self {
    case .placeFile, .takeFile, .append, .cut, .moveFile: true
    case .makeFolder, .removeFolder, .addLine, .dropLine, .row, .forgetDerived: false
    }
  }
}

extension Sidecar.MappedSession {
  /// What the journal remembers of a mapping that was removed.
  var record: JSONValue {
    [
      "origin": .string(origin), "thread_id": .string(remoteThread.text),
      "local_thread_id": .string(localThread.text), "base_length": .integer(Int64(baseLength)),
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let origin = json["origin"]?.string,
      let remote = json["thread_id"]?.string.flatMap(ThreadID.init),
      let local = json["local_thread_id"]?.string.flatMap(ThreadID.init)
    else { return nil }
    self.init(
      origin: origin, remoteThread: remote, localThread: local,
      baseLength: Int(clamping: json["base_length"]?.integer ?? 0))
  }
}
