/// Where things lie in a package: the transfer tool's layout, and the two files of ours it ignores.
enum PackageLayout {
  static let manifest = "package_manifest.json"
  static let threads = "metadata/threads.jsonl"
  static let index = "metadata/session_index.jsonl"
  static let dynamicTools = "metadata/thread_dynamic_tools.jsonl"
  static let localization = "metadata/path_localization.json"
  static let checksums = "metadata/checksums.json"
  static let lineage = "metadata/lineage.json"
  static let requiredDirectories = "skeleton/required-directories.json"
  static let readme = "README.md"
  static let instructions = "INSTALL_REMOTE.md"

  /// The folders of a package.
  static let folders = ["metadata", "sessions", "skeleton", "skills"]

  /// Whether a file at this place is ever read.
  static func isRead(_ components: ArraySlice<String>) -> Bool {
    guard let top = components.first else { return false }
    return components.count == 1 ? top == manifest : folders.contains(top)
  }

  /// Whether a file is read into memory and must be intact for the package to make sense.
  static func isMetadata(_ path: String) -> Bool {
    path == manifest || path.hasPrefix("metadata/") || path.hasPrefix("skeleton/")
  }
}
