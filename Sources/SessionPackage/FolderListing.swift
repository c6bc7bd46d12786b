import DurableFiles
import SystemPackage

/// What lies in and below a folder, no symbolic link followed.
enum FolderListing {
  /// One entry below the folder.
  struct Entry: Sendable {
    /// Its path below the folder, with `/` between components.
    let path: String
    /// Whether the path is spelled otherwise than on disk.
    let isSpelled: Bool
    let file: FilePath
    let stamp: FileStamp
  }

  /// Calls `body` with each entry at or below `path`, in the order of names, folders before their content.
  static func visit(
    _ path: String, of root: FilePath, _ body: (Entry) throws(PackageError) -> Void
  ) throws(PackageError) {
    try visit(EntryName(path.utf8), path.isEmpty ? root : root.pushing(FilePath(path)), false, body)
  }

  private static func visit(
    _ name: EntryName, _ file: FilePath, _ isSpelled: Bool, _ body: (Entry) throws(PackageError) -> Void
  ) throws(PackageError) {
    guard let stamp = try attempt({ () throws(FileError) in try FileStamp.of(file) }) else { return }
    let isSpelled = isSpelled || !name.spelled.isEmpty
    if !name.text.isEmpty { try body(Entry(path: name.text, isSpelled: isSpelled, file: file, stamp: stamp)) }
    guard stamp.kind == .folder else { return }
    for entry in try attempt({ () throws(FileError) in try Folder.entries(in: file) }) {
      let below = name.text.isEmpty ? [] : Array("\(name.text)/".utf8)
      try visit(EntryName(below + entry.name), entry.path, isSpelled, body)
    }
  }
}
