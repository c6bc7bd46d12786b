import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SystemPackage

/// Which threads and skills go into the package.
extension Packup {
  /// The threads asked for, and the sub-agents that belong to them.
  func choose(_ local: LocalThreads) throws(SyncError) -> [ThreadID] {
    var chosen: Set<ThreadID> = []
    switch options.selection {
    case .all: chosen = Set(local.entries.keys)
    case .threads(let ids):
      for id in ids {
        guard local.entries[id] != nil else { throw .unknownThread(id) }
        chosen.insert(id)
      }
    case .folders(let folders):
      var below = FolderFilter(folders)
      for entry in local.entries.values where below.contains(cwd(of: entry)) { chosen.insert(entry.id) }
    }
    if let since = options.since { chosen = chosen.filter { updated(local.entries[$0]) >= since } }
    let parents = local.entries.values.compactMap { entry in
      (try? RolloutPeek(entry.head.path))?.meta.parent.map { (child: entry.id, parent: $0) }
    }
    var grew = true
    while grew {
      let children = parents.filter { chosen.contains($0.parent) && !chosen.contains($0.child) }.map(\.child)
      grew = !children.isEmpty
      chosen.formUnion(children)
    }
    return chosen.sorted()
  }

  private func cwd(of entry: LocalEntry) -> String? {
    entry.row?["cwd"]?.string ?? (try? RolloutPeek(entry.head.path))?.meta.cwd
  }

  func updated(_ entry: LocalEntry?) -> Timestamp {
    if let row = entry?.row, let seconds = row["updated_at"]?.integer {
      return row["updated_at_ms"]?.integer.map(Timestamp.init(milliseconds:)) ?? Timestamp(seconds: seconds)
    }
    let modified = entry.flatMap { try? FileStamp.of($0.head.path) }?.modified
    return Timestamp(seconds: modified?.seconds ?? 0)
  }

  /// The folders in `skills/`, and links there: Codex follows those that lead to a folder (0.163.0).
  func skills() throws(SyncError) -> [(name: String, folder: FilePath)] {
    let entries = try lift(SyncError.file) { () throws(FileError) in try Folder.entries(in: home.skills) }
    return entries.compactMap { entry in
      let name = String(decoding: entry.name, as: UTF8.self)
      // The skill of this program holds its binary: the receiver needs their own.
      if name.hasPrefix(".") || name == "codex-session-sync" { return nil }
      let kind = ((try? FileStamp.of(entry.path)) ?? nil)?.kind
      return kind == .folder || kind == .symbolicLink ? (name, entry.path) : nil
    }
  }
}

/// Tells which working folders are one of some folders, or lie below: as folders, by whatever path they are reached.
///
/// Codex records them without links (0.163.0), a shell shows them as they were entered.
private struct FolderFilter {
  private let folders: Set<String>
  private var known: [String: Bool] = [:]

  init(_ folders: [String]) { self.folders = folders.reduce(into: []) { $0.formUnion(Self.spellings($1)) } }

  mutating func contains(_ path: String?) -> Bool {
    guard let path else { return false }
    if let known = known[path] { return known }
    let found = Self.spellings(path).contains { path in folders.contains { PathMap.isBelow(path, $0) } }
    known[path] = found
    return found
  }

  private static func spellings(_ path: String) -> Set<String> {
    let own = FilePath(path)
    return Set([path, own.isAbsolute ? SymbolicLink.realPath(own)?.string : nil].compactMap(\.self))
  }
}
