import CanonicalJSON
import CodexHome
import Journal
import Lineage
import Rollout

/// A thread whose file is here and that the catalogue does not know, to be entered there.
///
/// Codex enters such a thread when it scans its folders or opens it; until then lists of the catalogue alone do not
/// show it (0.154.0 and later).
public struct CatalogueEntry: Sendable, Hashable {
  /// The thread.
  public let thread: ThreadID
  /// What a person would call it.
  public let title: String
  let lineageKey: RecordDigest?
  let marker: Marker?
  let base: SyncBase
  let changes: [RowChange]

  /// The operations that enter it.
  var rows: [Operation] { changes.map(Operation.row) }

  /// What the journal remembers.
  var record: JSONValue {
    [
      "thread_id": .string(thread.text), "local_thread_id": .string(thread.text),
      "title": .string(title.journaled), "lineage_key": lineageKey.map { .string($0.description) } ?? .null,
      "marker": marker?.json ?? .null, "sync_base": base.json,
    ]
  }
}

/// Works out what Codex would enter for threads that have no row.
struct CatalogueEntries {
  let home: CodexHome
  let config: HomeConfig
  let local: LocalThreads
  let surroundings: Surroundings

  /// The entry of a thread; nil where it has one, or there is no catalogue.
  ///
  /// - Parameter name: what its user called it elsewhere.
  func entry(of thread: LocalThread, name: String?) throws(RolloutError) -> CatalogueEntry? {
    let changes = try changes(for: thread, name: name)
    guard let row = changes.first?.after else { return nil }
    let head = thread.lineage.head
    return CatalogueEntry(
      thread: thread.entry.id, title: name ?? row["title"]?.string ?? thread.entry.id.text,
      lineageKey: head.lineageKey, marker: thread.lineage.marker, base: SyncBase(head), changes: changes)
  }

  /// The rows of a thread that has none, that of `threads` first: from its transcript, as Codex makes them.
  func changes(for thread: LocalThread, name: String?) throws(RolloutError) -> [RowChange] {
    let entry = thread.entry
    guard entry.isUnlisted, let catalogue = local.catalogue else { return [] }
    let transcript = try local.uncached().transcript(entry)
    let meta = transcript.head.meta
    let cwd = thread.cwd ?? surroundings.localHome
    let settings = ReceiverSettings(
      config: (try? config.inFolder(cwd)) ?? config, cwd: cwd, localHome: surroundings.localHome, model: nil,
      effort: nil,
      provider: meta.payload["model_provider"]?.string)
    let row = ThreadRow(
      catalogue: catalogue, transcript: transcript, packed: nil, settings: settings, cwd: cwd)
    let own = name ?? ThreadNaming(row: nil, indexRow: local.index.rows[entry.id]).name
    return [
      row.insertion(
        id: entry.id, path: entry.plainPath, name: own, isArchived: entry.head.isArchived)
    ] + [SpawnEdge(of: entry.id, meta, in: catalogue)].compactMap { $0?.change }
  }
}

/// The edge from a sub-agent's parent to it.
///
/// Codex makes it only when it makes the thread's row itself, and only for agents that a thread spawned, not for those
/// that review or guard one; along it archiving and deleting a parent take its children along (0.163.0).
struct SpawnEdge {
  let change: RowChange

  /// The edge of a thread; nil where Codex would make none.
  ///
  /// - Parameter renames: threads that have another id here than the transcript names.
  init?(
    of child: ThreadID, _ meta: SessionMeta, in catalogue: StateSnapshot, renames: [ThreadID: ThreadID] = [:]
  ) {
    guard catalogue.hasSpawnEdges, let parent = meta.spawner else { return nil }
    let row: JSONValue = [
      "parent_thread_id": .string((renames[parent] ?? parent).text), "child_thread_id": .string(child.text),
      "status": "open",
    ]
    change = RowChange(
      table: "thread_spawn_edges", key: ["child_thread_id": .string(child.text)], before: nil, after: row)
  }
}
