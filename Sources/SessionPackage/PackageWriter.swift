import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// Writes one package, in the layout that the transfer tool installs from.
///
/// Begin, write each `rollout`, `finish`, `place`; or `abandon`. It is built in a scratch folder beside its place, or in it where
/// that is a folder already, and moved there when it is whole: a crash leaves no half package under its name.
public struct PackageWriter: ~Copyable {
  private let target: FilePath
  private let root: FilePath
  private let archive: ArchiveKind?
  private let scratch: ScratchFolder
  /// Whether the target is an empty folder that somebody made.
  private let isGiven: Bool
  private var isFinished = false

  /// Begins a package.
  ///
  /// - Parameters:
  ///   - path: a folder, new or empty; or, by its ending (`.zip`, `.tar`, `.tar.gz`, `.tgz`, `.tar.zst`), an
  ///     archive that must not exist, in a folder that must.
  ///   - staging: an empty folder that the caller made and removes. An archive is first built in it as a folder.
  ///   - scratch: makes a hidden scratch folder in another one.
  public init(
    _ path: FilePath, staging: FilePath, scratch: (FilePath) throws(FileError) -> ScratchFolder
  ) throws(PackageError) {
    // A path of one component has no parent to flush.
    let target = path.isAbsolute ? path : FilePath(".").pushing(path)
    let archive = ArchiveKind(path)
    let isGiven = try archive == nil ? Self.isGivenFolder(target) : Self.refuseArchive(target)
    let place = isGiven ? target : target.removingLastComponent()
    let beside: ScratchFolder
    do throws(FileError) {
      if archive == nil { try Folder.create(place) }
      beside = try scratch(place)
    } catch {
      // A name that nobody asked for says nothing.
      throw .file(FileError(error.operation, target, error.errno))
    }
    let root = (archive == nil ? beside.path : staging).appending("package")
    do throws(FileError) {
      for folder in PackageLayout.folders { try Folder.createPrivate(root.appending(folder)) }
    } catch {
      beside.remove()
      throw .file(error)
    }
    self.target = target
    self.archive = archive
    self.root = root
    self.scratch = beside
    self.isGiven = isGiven
  }

  /// Begins the rollout of this name.
  public func rollout(_ name: RolloutName) throws(FileError) -> RolloutWriter {
    try RolloutWriter(name, in: root, isDurable: archive == nil)
  }

  /// Writes all but the rollouts and makes the package durable, but for its place; after an error, `abandon`.
  public mutating func finish(
    _ content: PackageContent, rollouts: [RolloutWriter.Written] = []
  ) throws(PackageError) -> PackageSummary {
    var skills = SkillCopy(isDurable: archive == nil)
    for skill in content.skills {
      try skills.copy(skill.name, from: skill.folder, into: root.appending("skills"))
    }
    let metadata = PackageMetadata(content, skills: skills.names)
    for (path, bytes) in metadata.files { try put(bytes, at: path) }
    if archive == nil { try attempt { () throws(FileError) in try Folder.sync(root.appending("sessions")) } }
    var checksums = try digests(known: rollouts)
    checksums.files[PackageLayout.manifest] = FileChecksum(of: metadata.manifest)
    let listed = checksums.value.bytes + [0x0A]
    try put(listed, at: PackageLayout.checksums)
    try put(metadata.manifest, at: PackageLayout.manifest)
    if let archive { try pack(as: archive) }
    return PackageSummary(
      path: target, threads: content.threads.count,
      rollouts: checksums.files.keys.count { $0.hasPrefix("sessions/") },
      dynamicTools: content.dynamicTools.count, skills: skills.names.sorted(),
      skippedSkillEntries: skills.skipped, files: checksums.files.count + 1,
      bytes: checksums.files.values.reduce(Int64(listed.count)) { $0 + $1.size })
  }

  /// Removes what was begun, as far as it can be; a finished package stays.
  public func abandon() {
    if isFinished { return }
    scratch.remove()
    if archive != nil { try? Folder.removeTree(root) }
    guard archive == nil, isGiven else { return }
    for name in (try? Folder.names(in: target)) ?? [] { try? Folder.removeTree(target.appending(name)) }
  }

  /// Moves the finished package to its place.
  public mutating func place() throws(PackageError) {
    do throws(FileError) {
      if archive != nil {
        try DurableFile.move(packed, to: target)
      } else if isGiven {
        // The manifest last: what has none is no package.
        let names = try Folder.names(in: root).filter { $0 != PackageLayout.manifest }
        for name in names + [PackageLayout.manifest] {
          try Folder.move(root.appending(name), to: target.appending(name))
        }
      } else {
        try Folder.move(root, to: target)
      }
    } catch {
      throw error.errno == .fileExists ? .targetExists(target) : .file(error)
    }
    isFinished = true
    scratch.remove()
  }

  /// The archive until it has its place.
  private var packed: FilePath { scratch.path.appending("package") }

  private func put(_ bytes: [UInt8], at path: String) throws(PackageError) {
    let file = root.pushing(FilePath(path))
    try attempt { () throws(FileError) in
      if archive == nil { return try DurableFile.replace(file, with: bytes) }
      try ScratchFile(creating: file).write(bytes)
    }
  }

  private func digests(known: [RolloutWriter.Written]) throws(PackageError) -> PackageChecksums {
    var checksums = PackageChecksums(
      Dictionary(known.map { ($0.path, $0.digest) }, uniquingKeysWith: { _, last in last }))
    try FolderListing.visit("", of: root) { entry throws(PackageError) in
      guard entry.stamp.kind == .file, checksums.files[entry.path] == nil else { return }
      checksums.files[entry.path] = try attempt { () throws(FileError) in try FileChecksum(of: entry.file) }
    }
    return checksums
  }

  private func pack(as kind: ArchiveKind) throws(PackageError) {
    let new = packed
    do throws(PackageError) {
      try TextLocale.utf8 { () throws(PackageError) in try ArchiveWriter.pack(root, to: new, as: kind) }
    } catch .file(let error) where error.path == new {
      // A name that nobody asked for says nothing.
      throw .file(FileError(error.operation, target, error.errno))
    }
  }

  /// Whether the folder is there, and empty.
  private static func isGivenFolder(_ path: FilePath) throws(PackageError) -> Bool {
    guard let stamp = try attempt({ () throws(FileError) in try FileStamp.ofTarget(path) }) else {
      return false
    }
    guard stamp.kind == .folder else { throw .targetExists(path) }
    ScratchFolder.sweep(path)
    let names = try attempt { () throws(FileError) in try Folder.names(in: path) }
    guard names.isEmpty else { throw .targetNotEmpty(path) }
    return true
  }

  private static func refuseArchive(_ path: FilePath) throws(PackageError) -> Bool {
    let parent = path.removingLastComponent()
    guard try attempt({ () throws(FileError) in try FileStamp.of(path) }) == nil
    else { throw .targetExists(path) }
    let stamp = try attempt { () throws(FileError) in try FileStamp.ofTarget(parent) }
    guard stamp?.kind == .folder else { throw .targetFolderMissing(parent) }
    return false
  }
}
