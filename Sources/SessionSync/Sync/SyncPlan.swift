import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import Sidecar
import SystemPackage

/// What `sync` would do: the value that a dry run prints and that executing consumes.
public struct SyncPlan: Sendable {
  /// The package as given.
  public let package: FilePath
  /// The installation that packed it, if it says so.
  public let origin: String?
  /// One entry a session, in the package's order.
  public let sessions: [SessionPlan]
  /// What was passed over in the package as a whole.
  public let packageWarnings: [PackageWarning]
  /// What of the home could not be looked into.
  public let homeWarnings: [HomeWarning]
  /// What a person should know of the home itself.
  public let notes: [HomeNote]
  /// `sha256:` and the digest of everything the plan would write.
  public let digest: String
  /// Folders of the local home that threads need and that are to be made.
  public let folders: [FilePath]
  /// What becomes of the package's skills, by name.
  public let skills: [SkillPlan]
  /// Threads of the transfer tool that are adopted on the way.
  public let adoptions: [Adoption]
  /// Threads that are here and that the catalogue does not know, which are entered on the way.
  public let entries: [CatalogueEntry]
  /// What the user said of the origin's paths, to be remembered.
  let pathMappings: [PathMap.Prefix]
  /// Whether it is to be remembered that the origin is a machine of the user's.
  public let trustsOrigin: Bool
  /// What the user said of folders that no session of the package works in.
  public let unmatchedMaps: [PathMap.Prefix]
  /// The folders that they do work in, on the other machine; empty where nothing is unmatched.
  public let packageFolders: [String]

  /// The rows that executing the plan would write.
  var rows: [RowChange] {
    let adopted = adoptions.flatMap(\.rows).compactMap {
      if case .row(let change) = $0 { change } else { nil }
    }
    return sessions.compactMap(\.write).flatMap(\.rows) + adopted
  }

  /// Whether executing the plan would write anything.
  public var isEmpty: Bool {
    sessions.allSatisfy { $0.write == nil } && folders.isEmpty && adoptions.isEmpty
      && !skills.contains(where: \.isInstalled) && entries.isEmpty && !trustsOrigin
  }
}

/// What a person should know of a home, although it is in nobody's way.
public enum HomeNote: Hashable, Sendable {
  /// There is a catalogue that is not the one in use.
  case unusedCatalogue(FilePath)
  /// Codex has not finished making the catalogue.
  case unfinishedCatalogue

  /// A stable word.
  public var code: String {
    switch self {
    case .unusedCatalogue: "unused_catalogue"
    case .unfinishedCatalogue: "unfinished_catalogue"
    }
  }

  /// The file that it is about, if there is one.
  public var path: String? { if case .unusedCatalogue(let path) = self { path.string } else { nil } }
}

/// What becomes of one incoming session.
public struct SessionPlan: Sendable {
  /// What is done for a session.
  public enum Action: String, Sendable, CaseIterable {
    /// A tail is appended to a thread that is here.
    case append
    /// A thread is made under its own id.
    case `import`
    /// A thread is made beside the one that is here.
    case branch
    /// Nothing is to be done.
    case skip
    /// Something stands in the way.
    case blocked
  }

  /// Lengths of histories.
  public struct Lengths: Sendable, Hashable {
    /// What both sides begin with.
    public let common: Int
    /// All of the incoming session.
    public let incoming: Int
    /// All of the local thread it was compared with.
    public let local: Int
  }

  /// The session's id in the package.
  public let threadID: ThreadID
  /// The thread that the incoming history is in, or will be; nil where it is in none.
  public let localThreadID: ThreadID?
  /// What a person would call it.
  public let title: String
  /// What it is to the threads here; nil where it could not be read.
  public let classification: Classification?
  /// The classification's reason, where there is more than one.
  public let detail: ClassificationDetail?
  /// What tied the local thread.
  public let matchedBy: MatchedBy?
  /// When the conversation went on last, RFC 3339; nil where no record says so.
  public let updated: String?
  /// What is done.
  public let action: Action
  /// What stands in the way.
  public let blockers: [Blocker]
  /// What a person should know.
  public let warnings: [SessionWarning]
  /// Lengths of both histories, in records.
  public let history: Lengths
  /// Lengths of both histories, in turns; nil where one of them does not note its turns.
  public let turns: Lengths?
  /// How much is written.
  public let size: RolloutRendering.Size
  /// The working directory on the other machine.
  public let incomingCwd: String?
  /// The working directory here.
  public let localCwd: String?
  /// Whether the thread only gets another working folder, which `--map` gave it.
  public var isMove: Bool { action == .append && classification == .unchanged }

  let write: SessionWrite?
  /// Whether its thread had been deleted here.
  let restoresDeleted: Bool
  let marker: Marker?
  let lineageKey: RecordDigest?
  let syncBase: SyncBase
}

/// What is written for one session.
struct SessionWrite: Sendable {
  /// Where the rendered bytes go.
  enum Target: Sendable {
    /// A new file; what is given is at its place and goes into the journal first.
    case create(FilePath, replacing: UnreadableRollout?)
    /// The end of a file that is here.
    case append(AppendTarget)
  }

  /// A local rollout that receives a tail.
  struct AppendTarget: Sendable {
    /// The file as it is, perhaps compressed.
    let ending: RolloutEnding
    /// The uncompressed file that is appended to.
    let path: FilePath
    /// Where the file goes afterwards, when its archived state changes.
    let movesTo: FilePath?
    /// Whether the file was cut since Codex read it: the places that Codex noted in it are no longer right.
    let wasCut: Bool
    /// The first record as it is to be, where its provider is not configured here.
    ///
    /// The file is written anew then, under
    /// another name.
    var provider: ProviderChange?

    /// How long the uncompressed file is before the tail.
    var length: Int64 { ending.length + (provider?.shift ?? 0) }
  }

  /// A local rollout that nobody can read.
  struct UnreadableRollout: Sendable {
    let rollout: HomeRollout
    let stamp: FileStamp
  }

  /// What the thread will be once this is written: what is noted of it without reading it again.
  struct Outcome: Sendable {
    let history: History
    let turns: LineageThread.Turns
    let turnCount: Int
    /// What it was; nil for a new one.
    let before: ThreadNote?
    let marker: Marker?
    let cwd: String

    init(
      _ incoming: LineageThread, turnCount: Int, _ before: ThreadNote?, _ marker: Marker?, _ cwd: String
    ) {
      self.turnCount = turnCount
      history = incoming.head
      turns = incoming.turns
      self.before = before
      self.marker = marker
      self.cwd = cwd
    }
  }

  let thread: ThreadID
  let target: Target
  let rendering: RolloutRendering
  let measure: RolloutRendering.Measure
  let modified: FileTime
  let rows: [RowChange]
  let indexLine: String?
  let outcome: Outcome

  /// The rollout that is written to.
  var rollout: ThreadID? {
    switch target {
    case .create(let path, _): path.rolloutName?.rolloutID
    case .append(let target): target.ending.name.rolloutID
    }
  }

  /// Whether a file that is here receives a tail.
  var isAppend: Bool { if case .append = target { true } else { false } }

  /// Whether a file that is here is changed or taken away.
  var isOfLocalFile: Bool { if case .create(_, nil) = target { false } else { true } }

  /// The files that are written, moved or taken away.
  var paths: [FilePath] {
    switch target {
    case .create(let path, let old): [path] + (old.map { [$0.rollout.path] } ?? [])
    case .append(let target): [target.ending.path, target.path] + (target.movesTo.map { [$0] } ?? [])
    }
  }
}

/// One skill's files, to be copied from the package.
struct SkillWrite: Sendable {
  /// One file, and what it held when the plan was made.
  struct File: Sendable {
    let source: FilePath
    let target: FilePath
    let sha256: String
    let size: Int64
  }

  let files: [File]
}

extension SessionWrite.UnreadableRollout {
  /// Where a copy goes that takes its place: the name that the row has.
  var place: FilePath { rollout.path.removingLastComponent().appending(rollout.name.plain.text) }
}
