import DurableFiles
import SystemPackage

/// The files of a package that are read, by their validated paths in it, wherever their content is.
///
/// The same behind a folder and an archive, so that nothing later can tell or get a path wrong.
struct PackageTree: Sendable {
  /// Path in the package to real file.
  var files: [String: FilePath] = [:]
  /// Bytes that the package takes as it was given: those of the archive, or of the folder's files, their holes left out.
  var packedBytes: Int64 = 0
  /// What was passed over while looking.
  var warnings: [PackageWarning] = []

  /// The files in or below a folder, sorted by path: path below the folder, and real file.
  func files(below folder: String) -> [(path: String, file: FilePath)] {
    files.filter { $0.key.hasPrefix("\(folder)/") }
      .map { (String($0.key.dropFirst(folder.count + 1)), $0.value) }
      .sorted { $0.0 < $1.0 }
  }

  /// Reads a small file; nil where the package has none.
  func bytes(_ path: String, _ limits: PackageLimits) throws(PackageError) -> [UInt8]? {
    guard let file = files[path] else { return nil }
    do throws(FileError) {
      let bytes = try FileReading.bytes(of: file, limit: Int(limits.metadataBytes))
      // Editors and shells of Windows begin texts with a byte order mark.
      return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    } catch {
      guard error.errno == .fileTooLarge else { throw .file(error) }
      throw .overLimit(.metadataBytes, limit: limits.metadataBytes, entry: path)
    }
  }

  /// How much of a file is on disk; refuses one that is all holes, but for a transcript, which blocks its session alone.
  private static func dataBytes(
    _ entry: FolderListing.Entry, _ limits: PackageLimits
  ) throws(PackageError) -> Int64 {
    let size = entry.stamp.size
    if size <= limits.ratioFloor { return size }
    // What cannot be read is told by whoever wants to read it.
    let data = (try? OpenFile(reading: entry.file).dataBytes()) ?? size
    if size / limits.compressionRatio > data, !entry.path.hasPrefix("sessions/") {
      throw .overLimit(.compressionRatio, limit: limits.compressionRatio, entry: entry.path)
    }
    return data
  }

  /// The folder that holds the manifest: the one given, or the only one in it that does.
  ///
  /// Unpacking an archive by hand often puts a folder around it.
  static func root(at folder: FilePath) throws(PackageError) -> FilePath {
    func isPackage(_ folder: FilePath) -> Bool {
      ((try? FileStamp.of(folder.appending(PackageLayout.manifest))) ?? nil) != nil
    }
    if isPackage(folder) { return folder }
    let entries = try attempt { () throws(FileError) in try Folder.entries(in: folder) }
    let found = entries.filter { entry in
      ((try? FileStamp.of(entry.path)) ?? nil)?.kind == .folder && isPackage(entry.path)
    }
    if found.count > 1 { throw .severalPackages(found.map { EntryName($0.name).text }) }
    return found.first?.path ?? folder
  }

  /// The tree of a package that lies in a folder, used in place.
  ///
  /// A symbolic link or special file is fatal where it stands for a folder of the package or for metadata;
  /// elsewhere it is passed over.
  static func folder(_ root: FilePath, _ limits: PackageLimits) throws(PackageError) -> PackageTree {
    var tree = PackageTree()
    var count = 0
    var names = 0
    for top in [PackageLayout.manifest] + PackageLayout.folders {
      try FolderListing.visit(top, of: root) { entry throws(PackageError) in
        count += 1
        names += entry.path.utf8.count
        try limits.checkEntries(count, names: names, at: entry.path)
        try limits.checkName(entry.path)
        switch entry.stamp.kind {
        case .folder: break
        case .file where entry.isSpelled: tree.warnings.append(.oddName(path: entry.path))
        case .file where ConfinedPath(entry.path) == nil: throw .unsafeEntry(name: entry.path, .name)
        case .file:
          tree.packedBytes += try dataBytes(entry, limits)
          tree.files[entry.path] = entry.file
        case .symbolicLink, .other:
          if entry.path == top || PackageLayout.isMetadata(entry.path) {
            let danger: PackageDanger = entry.stamp.kind == .symbolicLink ? .symbolicLink : .special
            throw .unsafeEntry(name: entry.path, danger)
          }
          tree.warnings.append(.skippedEntry(path: entry.path, entry.stamp.kind))
        }
      }
    }
    return tree
  }
}
