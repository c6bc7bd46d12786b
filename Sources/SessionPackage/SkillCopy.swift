import DurableFiles
import SystemPackage

/// Copies skills into a package.
struct SkillCopy {
  /// Names of the skills that were copied, in the order given.
  private(set) var names: [String] = []
  /// What was left out, by path under `skills/`.
  private(set) var skipped: [String] = []

  /// Copies the regular files of a skill.
  ///
  /// Symbolic links are never followed; they, special files and names
  /// that begin with a dot, or that no package may hold, are left out.
  mutating func copy(_ name: String, from folder: FilePath, into skills: FilePath) throws(PackageError) {
    let stamp = try attempt { () throws(FileError) in try FileStamp.of(folder) }
    guard stamp?.kind == .folder, Self.isPlain(name) else {
      skipped.append(name)
      return
    }
    names.append(name)
    try copyContent(of: folder, to: skills.appending(name), at: name)
  }

  private mutating func copyContent(
    of folder: FilePath, to target: FilePath, at path: String
  ) throws(PackageError) {
    try attempt { () throws(FileError) in try Folder.createPrivate(target) }
    for name in try attempt({ () throws(FileError) in try Folder.names(in: folder) }) {
      let source = folder.appending(name)
      let stamp = try attempt { () throws(FileError) in try FileStamp.of(source) }
      switch stamp?.kind {
      case .folder where Self.isPlain(name):
        try copyContent(of: source, to: target.appending(name), at: "\(path)/\(name)")
      case .file where Self.isPlain(name):
        try attempt { () throws(FileError) in try Self.copyFile(source, to: target.appending(name)) }
      default: skipped.append("\(path)/\(name)")
      }
    }
    try attempt { () throws(FileError) in try Folder.sync(target) }
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.hasPrefix(".") && ConfinedPath(name)?.components.count == 1
  }

  private static func copyFile(_ source: FilePath, to target: FilePath) throws(FileError) {
    let file = try OpenFile(reading: source)
    var writer = try FileWriter(creating: target)
    try file.forEachChunk { chunk throws(FileError) in try writer.write(chunk) }
    try writer.finish(modified: try file.stamp().modified)
  }
}
