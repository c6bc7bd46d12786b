import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// An opened package: all but the content of transcripts is read and checked.
///
/// The transfer tool's layout, with or without `metadata/checksums.json` and `metadata/lineage.json`.
/// Everything in it was written by a stranger.
public struct SessionPackage: Sendable {
  /// Where the package was opened, as given.
  public let path: FilePath
  /// Its manifest.
  public let manifest: PackageManifest
  /// Its sessions, in the order of `metadata/threads.jsonl`; then the rollouts without a row, by name.
  public let sessions: [PackagedSession]
  /// Its skills, sorted by name.
  public let skills: [PackagedSkill]
  /// The working folders that its threads need, as the packing machine spelled them.
  public let requiredDirectories: [String]
  /// What it says of its origin and histories; nil in the transfer tool's packages.
  public let lineage: PackageLineage?
  /// What was passed over.
  public let warnings: [PackageWarning]
  /// Bytes that it takes as it was given: those of the archive, or of the folder's files, their holes left out.
  public let packedBytes: Int64
  private let digests: [FilePath: FileChecksum]

  /// What the packer called the package; nil where it has no name.
  public var title: String? { lineage?.title }

  /// The user's home folder on the packing machine: as `metadata/lineage.json` says, else what stands before
  /// `.codex` in the first `rollout_path` that has it; nil where neither says.
  public var sourceHome: String? {
    lineage?.sourceHome ?? sessions.lazy.compactMap { Self.home(of: $0.row?["rollout_path"]?.string) }.first
  }

  /// Opens a folder or an archive (zip, tar, tar.gz, tar.zst; decided by content).
  ///
  /// - Parameters:
  ///   - path: the folder or archive.
  ///   - staging: an empty folder that the caller made, and removes after the last use of the package. An
  ///     archive is unpacked into it; for a folder it stays empty.
  ///   - limits: how much the package may hold.
  public static func open(
    _ path: FilePath, staging: FilePath, limits: PackageLimits = .standard
  ) throws(PackageError) -> SessionPackage {
    guard let stamp = try attempt({ () throws(FileError) in try FileStamp.ofTarget(path) }) else {
      throw .notFound(path)
    }
    switch stamp.kind {
    case .folder: return try SessionPackage(path, .folder(PackageTree.root(at: path), limits), limits)
    case .file:
      let tree = try TextLocale.utf8 { () throws(PackageError) in
        try PackageTree.unpacking(path, into: staging, limits)
      }
      return try SessionPackage(path, tree, limits)
    case .symbolicLink, .other: throw .notAPackage(path)
    }
  }

  /// Compares a rollout's content with `metadata/checksums.json`; true where that says nothing of it.
  ///
  /// `content` is the SHA-256 of the content, from whoever read it; where it is not what is to be compared, as for a
  /// compressed file, the file is read here.
  public func verify(_ rollout: PackagedRollout, content: RecordDigest? = nil) throws(PackageError) -> Bool {
    guard let digest = digests[rollout.file] else { return true }
    if let content, content.description == digest.sha256 { return true }
    return try attempt { () throws(FileError) in try FileChecksum(of: rollout.file) } == digest
  }

  /// A package that nobody packed: sessions of this machine, to be treated like delivered ones.
  public init(of sessions: [PackagedSession], lineage: PackageLineage) {
    path = FilePath("")
    manifest = PackageManifest(threadIDs: sessions.map(\.threadID))
    self.sessions = sessions
    self.lineage = lineage
    (skills, requiredDirectories, warnings, digests) = ([], [], [], [:])
    packedBytes = .max
  }

  private init(_ path: FilePath, _ tree: PackageTree, _ limits: PackageLimits) throws(PackageError) {
    var reading = PackageReading(tree, limits)
    guard let bytes = try reading.bytes(PackageLayout.manifest) else { throw .missingManifest }
    let manifest = try PackageManifest(bytes, most: limits.sessions)
    let checksums = try reading.whole(PackageLayout.checksums, PackageChecksums.init) ?? PackageChecksums()
    try checksums.checkMetadata(of: tree)
    self.path = path
    self.manifest = manifest
    lineage = try reading.whole(PackageLayout.lineage, PackageLineage.init)
    requiredDirectories = try reading.whole(PackageLayout.requiredDirectories, Self.directories) ?? []
    skills = try reading.skills(checksums)
    sessions = try reading.sessions(checksums, lineage)
    let found = Set(sessions.map(\.threadID))
    let absent = manifest.threadIDs.lazy.filter { !found.contains($0) }.map {
      PackageWarning.absentThread($0)
    }
    warnings = (reading.warnings + absent).told
    packedBytes = tree.packedBytes
    digests = Dictionary(
      uniqueKeysWithValues: checksums.files.compactMap { path, digest in tree.files[path].map { ($0, digest) }
      })
  }

  private static func directories(_ bytes: [UInt8]) -> [String]? {
    (try? JSONValue(parsing: bytes))?.array?.compactMap(\.string)
  }

  private static func home(of rolloutPath: String?) -> String? {
    guard let rolloutPath else { return nil }
    let found = ["/.codex/", "\\.codex\\"].compactMap { rolloutPath.firstRange(of: $0)?.lowerBound }.min()
    return found.map { String(rolloutPath[..<$0]) }
  }
}
