import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout

/// A thread that the transfer tool installed, to be taken into a lineage; its transcript stays as it is.
public struct Adoption: Sendable, Hashable {
  /// The thread.
  public let thread: ThreadID
  /// What a person would call it.
  public let title: String
  /// The columns of its row that are mended, with their new values; empty where the row is as Codex needs it.
  public var columns: JSONValue { changes.first?.after ?? .object([]) }
  let lineageKey: RecordDigest?
  let marker: Marker?
  let base: SyncBase
  let changes: [RowChange]

  /// The operations that mend the row.
  var rows: [Operation] { changes.map(Operation.row) }

  /// What the journal remembers.
  var record: JSONValue {
    [
      "thread_id": .string(thread.text), "local_thread_id": .string(thread.text),
      "title": .string(title.journaled),
      "lineage_key": lineageKey.map { .string($0.description) } ?? .null,
      "marker": marker?.json ?? .null, "sync_base": base.json,
    ]
  }
}

/// Finds what has to be done to adopt threads.
struct Adopter {
  let home: CodexHome
  let local: LocalThreads
  let surroundings: Surroundings
  private let config: HomeConfig

  init(home: CodexHome, local: LocalThreads, surroundings: Surroundings) throws(SyncError) {
    self.home = home
    self.local = local
    self.surroundings = surroundings
    config = try lift(SyncError.home) { () throws(CodexHomeError) in try home.config() }
  }

  /// The adoptions among threads that a package brought up: of those that the transfer tool installed, and that are in
  /// no lineage yet, or whose rows keep Codex from listing or resuming them.
  func adoptions(among threads: [LocalThread]) throws(SyncError) -> [Adoption] {
    var suspects: [(thread: LocalThread, isKnown: Bool)] = []
    for thread in threads {
      let isKnown = try local.memory.isInLineage(thread.entry.id)
      if !isKnown || thread.hasUnfitRow { suspects.append((thread, isKnown)) }
    }
    if suspects.isEmpty { return [] }
    // A delivery does not fail for a journal of another tool that cannot be read.
    let installed = (try? TransferJournal.threads(in: home)) ?? []
    return suspects.filter { installed.contains($0.thread.entry.id) }.compactMap { thread, isKnown in
      guard let adoption = try? adoption(of: thread), !isKnown || !adoption.changes.isEmpty else {
        return nil
      }
      return adoption
    }
  }

  /// What adopting a thread comes to.
  func adoption(of thread: LocalThread) throws(RolloutError) -> Adoption {
    let id = thread.entry.id
    let head = thread.lineage.head
    return Adoption(
      thread: id, title: ThreadNaming(row: thread.entry.row, indexRow: local.index.rows[id]).name ?? id.text,
      lineageKey: head.lineageKey, marker: thread.lineage.marker,
      base: SyncBase(head),
      changes: try changes(of: thread))
  }

  private func changes(of thread: LocalThread) throws(RolloutError) -> [RowChange] {
    guard let catalogue = local.catalogue else { return [] }
    guard let row = thread.entry.row else {
      let entries = CatalogueEntries(home: home, config: config, local: local, surroundings: surroundings)
      return try entries.changes(for: thread, name: nil)
    }
    let transcript = try local.uncached().transcript(thread.entry)
    let cwd = thread.cwd ?? surroundings.localHome
    let settings = ReceiverSettings(
      config: config, cwd: cwd, localHome: surroundings.localHome, model: row["model"]?.string,
      effort: nil, provider: row["model_provider"]?.string)
    let made = ThreadRow(
      catalogue: catalogue, transcript: transcript, packed: nil, settings: settings, cwd: cwd)
    return made.mending(of: row, of: thread.entry).map { [$0] } ?? []
  }
}

extension LocalThread {
  /// Whether its row is one with which Codex does not list or resume it.
  fileprivate var hasUnfitRow: Bool {
    guard let row = entry.row else { return false }
    return row["preview"]?.string?.isEmpty == true
      || row["history_mode"].map { $0.string != format.rawValue } ?? false
  }
}
