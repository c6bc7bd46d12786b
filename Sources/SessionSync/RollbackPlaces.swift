import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Where the transaction's files are now: Codex moves them when a thread is archived.
struct RollbackPlaces {
  private let rollouts: [HomeRollout]
  private let moves: [FilePath: FilePath]
  private let appended: Set<FilePath>
  private let taken: Set<FilePath>
  private let placed: Set<FilePath>

  init(_ rollouts: [HomeRollout], _ operations: [Operation]) {
    self.rollouts = rollouts
    var moves: [FilePath: FilePath] = [:]
    for case .moveFile(let path, let target) in operations { moves[path] = target }
    self.moves = moves
    appended = Set(operations.compactMap { if case .append(let path, _) = $0 { path } else { nil } })
    placed = Set(operations.compactMap { if case .placeFile(let path, _) = $0 { path } else { nil } })
    taken = Set(operations.compactMap { if case .takeFile(let path, _) = $0 { path } else { nil } })
  }

  /// Whether the transaction appended to a file, which it may have put there itself: an expanded compressed one.
  func isAppendedTo(_ path: FilePath) -> Bool { appended.contains(path) }

  /// Where a file is now; nil where it is gone.
  func place(of path: FilePath) -> FilePath? {
    if ((try? FileStamp.of(path)) ?? nil) != nil { return path }
    let name = path.lastComponent?.string
    return rollouts.first { $0.path.lastComponent?.string == name }?.path
  }

  /// The compressed file that took a file's place; nil where there is none, or the transaction moved it itself.
  func compressed(_ path: FilePath) -> FilePath? {
    let name = path.lastComponent.map { "\($0.string).zst" }
    return rollouts.first {
      $0.path.lastComponent?.string == name && !taken.contains($0.path) && !placed.contains($0.path)
    }?.path
  }

  /// Whether the transaction's own move to `target` is undone: the file is still where it was moved to, or is put
  /// back there first.
  func isMovedBack(_ target: FilePath) -> Bool {
    taken.contains(target) || ((try? FileStamp.of(target)) ?? nil) != nil
  }

  /// Where a file will be once the transaction's own moves are undone.
  func undoPath(_ place: FilePath, _ path: FilePath) -> FilePath {
    moves[path] == place ? path : place
  }
}
