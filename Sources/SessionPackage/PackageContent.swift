import CanonicalJSON
import SystemPackage

/// What goes into a package beside the rollouts.
public struct PackageContent: Sendable {
  /// The working folder whose threads were packed; empty where they were chosen otherwise.
  public var cwdFilter: String
  /// What to call the package; goes into `metadata/lineage.json` where that has no title yet.
  public var title: String?
  /// Rows of `threads`, one object each, all columns; the order is kept.
  public var threads: [JSONValue]
  /// Rows of `session_index.jsonl`.
  public var indexRows: [JSONValue]
  /// Rows of `thread_dynamic_tools`.
  public var dynamicTools: [JSONValue]
  /// Origin and histories.
  public var lineage: PackageLineage
  /// Folders to copy into `skills/`, and the names to give them.
  public var skills: [(name: String, folder: FilePath)]
  /// The working folders that the threads need.
  public var requiredDirectories: [String]

  /// Creates the content from its parts.
  public init(
    cwdFilter: String = "", title: String? = nil, threads: [JSONValue], indexRows: [JSONValue] = [],
    dynamicTools: [JSONValue] = [], lineage: PackageLineage, skills: [(name: String, folder: FilePath)] = [],
    requiredDirectories: [String] = []
  ) {
    self.cwdFilter = cwdFilter
    self.title = title
    self.threads = threads
    self.indexRows = indexRows
    self.dynamicTools = dynamicTools
    self.lineage = lineage
    self.skills = skills
    self.requiredDirectories = requiredDirectories
  }
}

/// What a finished package holds.
public struct PackageSummary: Hashable, Sendable {
  /// Where it is.
  public let path: FilePath
  /// Rows of `threads`.
  public let threads: Int
  /// Rollout files.
  public let rollouts: Int
  /// Rows of `thread_dynamic_tools`.
  public let dynamicTools: Int
  /// Names of the skills that were copied, sorted.
  public let skills: [String]
  /// Files of skills that were left out: symbolic links, special files, names beginning with a dot or unsafe.
  public let skippedSkillEntries: [String]
  /// Files in the package.
  public let files: Int
  /// Their bytes together, before an archive compresses them.
  public let bytes: Int64
}
