import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// One thread in a package: its row, its rollouts and what else came with it.
public struct PackagedSession: Sendable {
  /// Why this session cannot be taken as it is; the others of the package go on.
  public enum Problem: Hashable, Sendable {
    /// The rollout that the row, or `metadata/checksums.json`, names is not in `sessions/`.
    case missingRollout(name: String)
    /// Several rows have this id, at these lines of `metadata/threads.jsonl`.
    case duplicateRow(lines: [Int])
    /// The row lacks this field, or it is of another type.
    case invalidRow(line: Int, field: String)
    /// The rollout has another length than `metadata/checksums.json` says.
    case checksumMismatch(name: String)
    /// `rollout_path` ends in this, which is no rollout's file name.
    case unsafeName(String)
    /// A key stands twice in a row of the thread's: two parsers would read two rows.
    case doubledKey(file: String, line: Int, key: String)
    /// The rollout is holes nearly all of it, which take no room in the package.
    case hollow(name: String)
    /// The row's rollout is, by its name, another thread's.
    case rolloutOfAnotherThread(name: String)
  }

  /// The thread's id on the machine that packed it.
  public let threadID: ThreadID
  /// The thread's row of `metadata/threads.jsonl`, all keys; nil for a rollout without a row.
  public let row: JSONValue?
  /// The thread's rollouts: the one that the row names first, then (without a row: all) from new to old
  /// by name.
  public let rollouts: [PackagedRollout]
  /// The thread's row of `metadata/session_index.jsonl`, the last one if there are several.
  public let indexRow: JSONValue?
  /// The thread's rows of `metadata/thread_dynamic_tools.jsonl`, in the file's order.
  public let dynamicTools: [JSONValue]
  /// What `metadata/lineage.json` says of the thread.
  public let lineage: PackagedLineage?
  /// What blocks the session; empty where nothing does.
  public let problems: [Problem]

  init(
    threadID: ThreadID, row: JSONValue?, rollouts: [PackagedRollout], indexRow: JSONValue?,
    dynamicTools: [JSONValue], lineage: PackagedLineage?, problems: [Problem]
  ) {
    self.threadID = threadID
    self.row = row
    self.rollouts = rollouts
    self.indexRow = indexRow
    self.dynamicTools = dynamicTools
    self.lineage = lineage
    self.problems = problems
  }

  /// Describes a thread of this machine as if it had been delivered.
  public init(
    threadID: ThreadID, row: JSONValue?, rollout: PackagedRollout, indexRow: JSONValue?,
    dynamicTools: [JSONValue]
  ) {
    self.init(
      threadID: threadID, row: row, rollouts: [rollout], indexRow: indexRow, dynamicTools: dynamicTools,
      lineage: nil, problems: [])
  }
}

/// One rollout file of a package.
public struct PackagedRollout: Hashable, Sendable {
  /// Where its content is: in the package's folder, or in staging under a name of our own.
  public let file: FilePath
  /// Its name in the package.
  public let name: RolloutName
  /// The file as it was when the package was opened; its modification time is the packed one.
  public let stamp: FileStamp

  /// Describes a rollout.
  public init(file: FilePath, name: RolloutName, stamp: FileStamp) {
    self.file = file
    self.name = name
    self.stamp = stamp
  }
}

/// A skill that travels with a package: data, of which nothing is ever run from there.
public struct PackagedSkill: Hashable, Sendable {
  /// One file of a skill.
  public struct File: Hashable, Sendable {
    /// Its place in the skill's folder.
    public let path: ConfinedPath
    /// Where its content is.
    public let file: FilePath
    /// How long it was when the package was opened.
    public let size: Int64
    /// What it held then, in lower-case hexadecimal: what is copied later has to be that.
    public let sha256: String
  }

  /// The skill's folder name.
  public let name: String
  /// Its files, sorted by path.
  public let files: [File]
}
