import DurableFiles
import SystemPackage

/// What lies in and below a folder, no symbolic link followed.
enum FolderListing {
  /// One entry below the folder.
  struct Entry: Sendable {
    /// Its path below the folder, with `/` between components.
    let path: String
    let file: FilePath
    let stamp: FileStamp
  }

  /// Calls `body` with each entry at or below `path`, in the order of names, folders before their content.
  static func visit(
    _ path: String, of root: FilePath, _ body: (Entry) throws(PackageError) -> Void
  ) throws(PackageError) {
    let file = path.isEmpty ? root : root.pushing(FilePath(path))
    guard let stamp = try attempt({ () throws(FileError) in try FileStamp.of(file) }) else { return }
    if !path.isEmpty { try body(Entry(path: path, file: file, stamp: stamp)) }
    guard stamp.kind == .folder else { return }
    for name in try attempt({ () throws(FileError) in try Folder.names(in: file) }) {
      try visit(path.isEmpty ? name : "\(path)/\(name)", of: root, body)
    }
  }
}
