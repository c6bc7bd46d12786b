import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout

/// Which threads of a home are one conversation, and what was delivered to each: what `log` shows.
public struct LineageLog {
  /// What one transaction did to a thread.
  public struct Delivery: Sendable {
    /// The transaction.
    public let transaction: Transaction
    /// What it did: an action of a plan, or `adopt`.
    public let action: String
    /// The session's id in the package.
    public let session: ThreadID
    /// Records that were written.
    public let records: Int64
    /// What a later undoing did with it; nil where none met it.
    public let fate: Transaction.Fate?
  }

  /// One thread.
  public struct Thread: Sendable {
    /// Its id.
    public let id: ThreadID
    /// What a person would call it.
    public let title: String
    /// Where it works on this machine.
    public let cwd: String?
    /// Whether it is archived.
    public let isArchived: Bool
    /// Whether it is a fork that Codex made, or a sub-agent.
    public let isFork: Bool
    /// When its file was written last.
    public let updated: Timestamp
    /// How long its history is, in records.
    public let history: Int
    /// How many turns that is; nil where it does not note them.
    public let turns: Int?
    /// The thread here that it parted from; nil for the first of a lineage.
    public let parent: ThreadID?
    /// How many records it has in common with its parent.
    public let common: Int
    /// What was delivered to it, oldest first.
    public let deliveries: [Delivery]
  }

  /// One conversation.
  public struct Lineage: Sendable {
    /// The digest of its first history record; nil for a thread in which nothing was said.
    public let key: RecordDigest?
    /// Its threads, each behind its parent.
    public let threads: [Thread]

    /// Whether there is more to tell than that it is here.
    var isOfInterest: Bool { threads.count > 1 || threads.contains { !$0.deliveries.isEmpty } }
  }

  private let home: CodexHome
  private let surroundings: Surroundings

  /// Looks at a home.
  public init(home: CodexHome, surroundings: Surroundings) {
    self.home = home
    self.surroundings = surroundings
  }

  /// The lineages, the one that went on last first.
  ///
  /// Writes nothing.
  ///
  /// - Parameters:
  ///   - chosen: threads whose lineages are wanted; empty for all that were delivered to, or have several threads.
  ///   - all: whether threads that never travelled are wanted too.
  public func lineages(of chosen: [ThreadID] = [], all: Bool = false) throws(SyncError) -> [Lineage] {
    try look(for: chosen, all: all).lineages
  }

  /// The lineages as `lineages(of:all:)` gives them, and what of the home could not be looked into.
  public func look(
    for chosen: [ThreadID] = [], all: Bool = false
  ) throws(SyncError) -> (lineages: [Lineage], homeWarnings: [HomeWarning]) {
    try Workplace(home: home).reading(unsettled: true) { () throws(SyncError) in
      try seen(for: chosen, all: all)
    }
  }

  private func seen(
    for chosen: [ThreadID], all: Bool
  ) throws(SyncError) -> (lineages: [Lineage], homeWarnings: [HomeWarning]) {
    let local = try LocalThreads(home, surroundings)
    for id in chosen where local.entries[id] == nil { throw .unknownThread(id) }
    let deliveries = try deliveries()
    var families: [RecordDigest?: [LocalThread]] = [:]
    for id in local.entries.keys.sorted() {
      // Read apart: all of a home at once would be too much memory.
      guard let thread = try? local.uncached().load(id) else { continue }
      let key = thread.lineage.head.lineageKey
      if key == nil, !all, !chosen.contains(id) { continue }
      families[key, default: []].append(thread)
    }
    var lineages: [Lineage] = []
    for (key, family) in families {
      if !chosen.isEmpty, !family.contains(where: { chosen.contains($0.entry.id) }) { continue }
      // Threads in which nothing was said are each its own.
      for family in key == nil ? family.map({ [$0] }) : [family] {
        let lineage = Lineage(key: key, threads: try threads(family, local, deliveries))
        if all || !chosen.isEmpty || lineage.isOfInterest { lineages.append(lineage) }
      }
    }
    return (lineages.sorted { Self.last($0) > Self.last($1) }, local.files.warnings)
  }

  private static func last(_ lineage: Lineage) -> (Int64, String) {
    (lineage.threads.map(\.updated.milliseconds).max() ?? 0, lineage.threads.first?.id.text ?? "")
  }

  /// A family in order: each thread behind the one it parted from.
  private func threads(
    _ family: [LocalThread], _ local: LocalThreads, _ deliveries: [ThreadID: [Delivery]]
  ) throws(SyncError) -> [Thread] {
    // A branch of ours begins with the bytes, and so with the time, of what it parted from.
    func age(_ thread: LocalThread) -> (Int, Int64, ThreadID) {
      (thread.lineage.marker == nil ? 0 : 1, thread.lineage.created, thread.entry.id)
    }
    let oldestFirst = family.sorted { age($0) < age($1) }
    var made: [Thread] = []
    for (index, thread) in oldestFirst.enumerated() {
      let parent = parent(of: thread, among: oldestFirst, before: index)
      made.append(
        Thread(
          id: thread.entry.id, title: title(of: thread, local), cwd: thread.cwd,
          isArchived: thread.entry.head.isArchived, isFork: thread.lineage.isDeclaredFork,
          updated: try updated(thread.entry), history: thread.lineage.head.count, turns: thread.turnCount,
          parent: parent?.entry.id, common: parent?.lineage.head.common(with: thread.lineage.head) ?? 0,
          deliveries: deliveries[thread.entry.id] ?? []))
    }
    func below(_ parent: ThreadID?) -> [Thread] {
      made.filter { $0.parent == parent }.flatMap { [$0] + below($0.id) }
    }
    return below(nil)
  }

  /// The thread that its marker names, else the older one that has most in common with it.
  private func parent(
    of thread: LocalThread, among family: [LocalThread], before index: Int
  ) -> LocalThread? {
    if let root = thread.lineage.marker?.rootThread, root != thread.entry.id,
      let found = family.prefix(index).first(where: { $0.entry.id == root })
    {
      return found
    }
    return family.prefix(index).max {
      $0.lineage.head.common(with: thread.lineage.head) < $1.lineage.head.common(with: thread.lineage.head)
    }
  }

  private func title(of thread: LocalThread, _ local: LocalThreads) -> String {
    let row = thread.entry.row
    let names = [
      ThreadNaming(row: row, indexRow: local.index.rows[thread.entry.id]).name, row?["title"]?.string,
      row?["preview"]?.string,
    ]
    if let name = names.compactMap(\.self).first(where: { !$0.isEmpty }) { return name }
    return (try? local.transcript(thread.entry))?.facts.preview ?? thread.entry.id.text
  }

  private func updated(_ entry: LocalEntry) throws(SyncError) -> Timestamp {
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(entry.head.path) }
    return Timestamp(seconds: stamp?.modified.seconds ?? 0)
  }

  /// What was delivered to each thread, oldest first.
  private func deliveries() throws(SyncError) -> [ThreadID: [Delivery]] {
    var deliveries: [ThreadID: [Delivery]] = [:]
    for transaction in try TransactionLog(home: home).list().reversed() {
      guard transaction.stands || transaction.status == .rolledBack else { continue }
      for (key, action) in [("sessions", nil), ("adopted", "adopt")] {
        for session in transaction.details[key]?.array ?? [] {
          guard let thread = session["local_thread_id"]?.string.flatMap(ThreadID.init),
            let remote = session["thread_id"]?.string.flatMap(ThreadID.init)
          else { continue }
          deliveries[thread, default: []].append(
            Delivery(
              transaction: transaction, action: action ?? session["action"]?.string ?? "", session: remote,
              records: session["records_written"]?.integer ?? 0, fate: transaction.fate(of: thread.text)))
        }
      }
    }
    return deliveries
  }
}
