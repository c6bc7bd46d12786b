import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// The home's files as they will be while a rollback is carried out: each step meets what those before it left.
struct RollbackPlaces {
  /// A file: where it will be when its turn comes, and where its bytes are now.
  struct Place {
    let at: FilePath
    let now: FilePath
  }

  private let rollouts: [HomeRollout]
  private let written: Set<FilePath>
  /// Where the bytes are now of files that will have been moved or put back.
  private var moved: [FilePath: FilePath] = [:]
  private var vacated: Set<FilePath> = []

  init(_ rollouts: [HomeRollout], _ operations: [Operation]) {
    self.rollouts = rollouts
    written = Set(
      operations.compactMap { operation in
        switch operation {
        case .takeFile(let path, _), .placeFile(let path, _): path
        default: nil
        }
      })
  }

  /// Where a file is: Codex moves it when its thread is archived; nil where it is gone.
  func place(of path: FilePath) -> Place? {
    if let here = exactly(path) { return here }
    let name = path.lastComponent
    return rollouts.first { $0.path.lastComponent == name && !vacated.contains($0.path) }
      .map { Place(at: $0.path, now: $0.path) }
  }

  /// The file at a path; nil where none will be.
  func exactly(_ path: FilePath) -> Place? {
    if let now = moved[path] { return Place(at: path, now: now) }
    if vacated.contains(path) { return nil }
    return ((try? FileStamp.of(path)) ?? nil).map { _ in Place(at: path, now: path) }
  }

  /// The compressed file that a file was replaced by; nil where there is none, or the transactions wrote it.
  func compressed(_ path: FilePath) -> FilePath? {
    let name = path.lastComponent.map { "\($0.string).zst" }
    return rollouts.first { $0.path.lastComponent?.string == name && !written.contains($0.path) }?.path
  }

  /// Whether nothing will be in a folder.
  func isEmpty(_ folder: FilePath) throws(FileError) -> Bool {
    if moved.keys.contains(where: { $0.removingLastComponent() == folder }) { return false }
    return try Folder.names(in: folder).allSatisfy { vacated.contains(folder.appending($0)) }
  }

  mutating func move(_ place: Place, to path: FilePath) {
    vacate(place.at)
    moved[path] = place.now
  }

  /// Puts at a path what lies outside the home.
  mutating func put(_ content: FilePath, at path: FilePath) { moved[path] = content }

  mutating func vacate(_ path: FilePath) {
    moved[path] = nil
    vacated.insert(path)
  }
}
