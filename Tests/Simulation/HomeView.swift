import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage

/// A home as the simulation reads it, with none of the library's rules: threads, and what Codex would show of each.
struct HomeView {
  /// One thread.
  struct Thread {
    let id: ThreadID
    /// All its rollouts, oldest first.
    let rollouts: [RolloutView]
    /// The one that Codex goes on with.
    let current: RolloutView
    /// Its history; nil where Codex could not resume it.
    let head: [Int]?
    /// The histories of its other rollouts; a second copy of the current one, which the transfer tool makes of an
    /// archived thread, is none.
    let segments: [[Int]]
    /// Whether it lies in `archived_sessions/`.
    let isArchived: Bool
  }

  private(set) var threads: [ThreadID: Thread] = [:]
  /// The rows of the catalogue, some columns of each.
  private(set) var rows: [ThreadID: JSONValue] = [:]
  private(set) var rollouts: [ThreadID: RolloutView] = [:]
  private(set) var problems: [String] = []

  /// Reads a home.
  ///
  /// - Parameter known: what was read before; a file whose bytes are still the same is not parsed again.
  init(_ machine: Machine, _ truth: Truth, known: HomeView?) throws {
    let old = Dictionary(
      (known?.threads.values.flatMap(\.rollouts) ?? []).map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    var files: [ThreadID: [RolloutView]] = [:]
    try Self.walk(machine.home.appending("sessions")) { path, name in
      let bytes = try FileReading.bytes(of: path)
      let view =
        try old[path].flatMap { $0.bytes == bytes ? $0 : nil } ?? RolloutView(path, name, bytes, truth)
      files[name.thread, default: []].append(view)
    }
    try Self.walk(machine.home.appending("archived_sessions")) { path, name in
      let bytes = try FileReading.bytes(of: path)
      let view =
        try old[path].flatMap { $0.bytes == bytes ? $0 : nil } ?? RolloutView(path, name, bytes, truth)
      files[name.thread, default: []].append(view)
    }
    for row in try machine.catalogue.query(
      "SELECT id, rollout_path, history_mode, model_provider, archived, preview FROM threads")
    {
      if let id = row["id"]?.string.flatMap(ThreadID.init) { rows[id] = row }
    }
    rollouts = Dictionary(
      files.values.joined().map { ($0.name.rolloutID, $0) },
      uniquingKeysWith: { ($0.name, $0.path.string) > ($1.name, $1.path.string) ? $0 : $1 })
    var currents: [ThreadID: RolloutView] = [:]
    for (id, views) in files {
      let path = rows[id]?["rollout_path"]?.string
      let newest = views.max { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
      currents[id] = views.first { $0.path.string == path } ?? newest
    }
    // Of two files of one rollout the one that its thread uses counts, for forks of it too.
    for current in currents.values { rollouts[current.name.rolloutID] = current }
    for (id, views) in files {
      let views = views.sorted { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
      guard let current = currents[id] else { continue }
      threads[id] = Thread(
        id: id, rollouts: views, current: current, head: current.history(rollouts),
        segments: views.filter { $0.name.rolloutID != current.name.rolloutID }.compactMap {
          $0.history(rollouts)
        },
        isArchived: current.path.string.contains("/archived_sessions/"))
      problems += views.flatMap(\.problems)
    }
    for thread in threads.values {
      for history in [thread.head].compactMap(\.self) + thread.segments where !truth.isPath(history) {
        problems.append("\(thread.id) holds \(history), which nobody said in this order")
      }
    }
  }

  /// The threads in order of their ids.
  var sorted: [Thread] { threads.values.sorted { $0.id < $1.id } }

  /// The history records that Codex can show here.
  var present: Set<Int> { Set(threads.values.flatMap { $0.head ?? [] }) }

  /// Whether some rollout goes on from one of the thread's.
  func isBase(_ thread: Thread) -> Bool {
    let ids = Set(thread.rollouts.map(\.name.rolloutID))
    return threads.values.contains { other in
      other.id != thread.id && other.rollouts.contains { $0.base.map { ids.contains($0.rollout) } ?? false }
    }
  }

  private static func walk(_ folder: FilePath, _ visit: (FilePath, RolloutName) throws -> Void) throws {
    for name in try Folder.names(in: folder) {
      let path = folder.appending(name)
      if let rollout = RolloutName(name) {
        try visit(path, rollout)
      } else if try FileStamp.of(path)?.kind == .folder {
        try walk(path, visit)
      }
    }
  }
}
