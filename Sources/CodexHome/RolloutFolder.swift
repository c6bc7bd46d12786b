import DurableFiles
import Rollout
import SystemPackage

/// One rollout file in a home.
public struct HomeRollout: Sendable, Hashable {
  /// The file.
  public let path: FilePath
  /// Its name.
  public let name: RolloutName
  /// Whether it lies in `archived_sessions/`.
  public let isArchived: Bool
}

extension CodexHome {
  /// All rollouts of the home, oldest name first.
  ///
  /// Codex finds files anywhere under `sessions/` by id, so all depths are searched. Where a plain and a compressed
  /// file stand side by side the plain one counts, as it does for Codex. Symbolic links are not followed.
  public func rollouts() throws(CodexHomeError) -> [HomeRollout] {
    var found: [HomeRollout] = []
    try collect(sessions, depth: 0, archived: false, &found)
    try collect(archivedSessions, depth: 0, archived: true, &found)
    let plain = Set(found.filter { !$0.name.isCompressed }.map { $0.path })
    return found.filter { rollout in
      guard rollout.name.isCompressed else { return true }
      return !plain.contains(rollout.path.removingLastComponent().appending(rollout.name.plain.text))
    }.sorted { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
  }

  private func collect(
    _ folder: FilePath, depth: Int, archived: Bool, _ found: inout [HomeRollout]
  ) throws(CodexHomeError) {
    guard depth < 8 else { return }
    for name in try withFiles({ () throws(FileError) in try Folder.names(in: folder) }) {
      let path = folder.appending(name)
      if let rollout = RolloutName(name) {
        found.append(HomeRollout(path: path, name: rollout, isArchived: archived))
      } else if try withFiles({ () throws(FileError) in try FileStamp.of(path)?.kind == .folder }) {
        try collect(path, depth: depth + 1, archived: archived, &found)
      }
    }
  }
}
