import DurableFiles
import Rollout
import SystemPackage

/// One rollout file of a home.
public struct HomeRollout: Sendable, Hashable {
  /// The file; no link to one.
  public let path: FilePath
  /// Its name.
  public let name: RolloutName
  /// Whether it lies in `archived_sessions/`, or its row says so where it lies elsewhere.
  public let isArchived: Bool
  /// Whether it lies in none of the home's folders, and is used because something in the home leads to it.
  public let isOutside: Bool
  /// Whether it lies in a hidden folder: the trash of a disk, the versions that a carrier keeps.
  ///
  /// Codex finds it there by its thread's id, and its scan does not list it (0.144.4, 0.163.0).
  public let isPutAway: Bool

  /// Describes a file.
  public init(
    path: FilePath, name: RolloutName, isArchived: Bool, isOutside: Bool = false, isPutAway: Bool = false
  ) {
    self.path = path
    self.name = name
    self.isArchived = isArchived
    self.isOutside = isOutside
    self.isPutAway = isPutAway
  }
}

extension CodexHome {
  /// All rollouts of the home's own folders, oldest name first.
  public func rollouts() -> [HomeRollout] { survey().rollouts }

  /// Looks through the folders that Codex keeps rollouts in.
  public func survey() -> RolloutSurvey { RolloutSurvey(sessions, archived: archivedSessions) }
}

/// What lies in the folders that Codex keeps rollouts in.
///
/// Codex finds files anywhere under `sessions/` by id, so all depths are searched. It follows links to folders, each
/// folder once; links to files it reads and writes through, though its scan passes them over (0.163.0). Where a plain
/// and a compressed file stand side by side the plain one counts, as it does for Codex.
public struct RolloutSurvey: Sendable {
  /// The rollouts, oldest name first.
  public private(set) var rollouts: [HomeRollout] = []
  /// Folders that could not be looked into: what is in them is not known.
  public private(set) var unreadable: [FileError] = []
  /// Links to folders that lead nowhere: a disk that is away.
  public private(set) var away: [FilePath] = []
  /// Folders with nothing in them, and how many folders below a root each lies: they may be mount points of a disk that
  /// is away.
  public private(set) var empty: [(path: FilePath, depth: Int)] = []
  /// Files that are transcripts by the look of their names, and that Codex takes for none.
  public private(set) var passedOver: [FilePath] = []
  private var folders: [FileIdentity: FilePath] = [:]

  /// How many folders may lie in each other.
  private static let depth = 8

  init(_ sessions: FilePath, archived: FilePath) {
    for (root, isArchived) in [(sessions, false), (archived, true)] {
      collect(root, Level(isArchived: isArchived))
    }
    let plain = Set(rollouts.filter { !$0.name.isCompressed }.map(\.path))
    rollouts.removeAll { rollout in
      rollout.name.isCompressed && plain.contains(FilePath(String(rollout.path.string.dropLast(4))))
    }
    rollouts.sort { ($0.name, $0.path.string) < ($1.name, $1.path.string) }
  }

  /// A folder that was looked into, by the path that it was reached by; nil for any other.
  public func folder(_ identity: FileIdentity) -> FilePath? { folders[identity] }

  /// What the folders above say of one.
  private struct Level {
    var depth = 0
    let isArchived: Bool
    var isPutAway = false
  }

  private mutating func collect(_ folder: FilePath, _ level: Level) {
    guard level.depth < Self.depth else { return }
    let entries: [Folder.Entry]
    do throws(FileError) {
      guard let stamp = try FileStamp.ofTarget(folder) else {
        if try SymbolicLink.isDead(folder) { away.append(folder) }
        return
      }
      guard stamp.kind == .folder else {
        if level.depth == 0 { unreadable.append(FileError(.list, folder, .notDirectory)) }
        return
      }
      if folders[stamp.identity] != nil { return }
      folders[stamp.identity] = folder
      entries = try Folder.entries(in: folder)
    } catch {
      if Self.isAway(error.errno) { away.append(folder) } else { unreadable.append(error) }
      return
    }
    if entries.allSatisfy({ $0.text.hasPrefix(".") }) { empty.append((folder, level.depth)) }
    var below: [(name: String, isLink: Bool)] = []
    for entry in entries {
      let path = entry.path
      let text = entry.text
      let kind = entry.kind ?? (try? FileStamp.of(path))??.kind
      if let name = RolloutName(text) {
        rollouts.append(rollout(path, name, level, isLink: kind == .symbolicLink))
      } else if kind == .folder || kind == .symbolicLink && !text.hasPrefix(".") {
        below.append((text, kind == .symbolicLink))
      } else if kind == .file, Self.isTranscript(text) {
        passedOver.append(path)
      }
    }
    // A folder that is here counts under its own name, not under that of a link to it.
    for entry in below.filter({ !$0.isLink }) + below.filter(\.isLink) {
      var inner = level
      inner.depth += 1
      if entry.name.hasPrefix(".") { inner.isPutAway = true }
      collect(folder.appending(entry.name), inner)
    }
  }

  /// A file behind a link is one that lies elsewhere; one that is not there is still the thread's.
  private func rollout(
    _ path: FilePath, _ name: RolloutName, _ level: Level, isLink: Bool
  ) -> HomeRollout {
    let target = isLink ? SymbolicLink.realPath(path) ?? SymbolicLink.destination(of: path) : nil
    return HomeRollout(
      path: target ?? path, name: name, isArchived: level.isArchived, isOutside: target != nil,
      isPutAway: level.isPutAway)
  }

  /// How a file system fails whose disk or server is gone.
  private static func isAway(_ errno: Errno) -> Bool {
    [.staleNFSFileHandle, .socketNotConnected, .hostIsDown, .noSuchAddressOrDevice].contains(errno)
  }

  /// Whether a file is one of a transcript by its name: an older form (`.json`, 2025), a copy that a carrier made.
  private static func isTranscript(_ name: String) -> Bool {
    guard !name.hasPrefix("."), [".json", ".jsonl", ".jsonl.zst"].contains(where: name.hasSuffix) else {
      return false
    }
    return name.hasPrefix("rollout-") || RolloutName(endingInIDs: name) != nil
  }
}
