import DurableFiles
import SystemPackage

/// Copies skills into a package.
struct SkillCopy {
  /// Names of the skills that were copied, in the order given.
  private(set) var names: [String] = []
  /// What was left out, by path under `skills/`.
  private(set) var skipped: [String] = []
  /// Whether the copies are for good, not in a scratch folder.
  let isDurable: Bool

  init(isDurable: Bool) { self.isDurable = isDurable }

  /// Copies the regular files of a skill.
  ///
  /// A skill may be a symbolic link to a folder with a `SKILL.md`, which Codex follows (0.163.0). Links inside of it are
  /// not followed; they, special files and names that begin with a dot, or that no package may hold, are left out. Of a
  /// skill without a file nothing is packed.
  mutating func copy(_ name: String, from folder: FilePath, into skills: FilePath) throws(PackageError) {
    let stamp = try attempt { () throws(FileError) in try FileStamp.of(folder) }
    let isTaken = stamp?.kind == .folder || stamp?.kind == .symbolicLink && Self.isSkill(folder)
    // A name that is no UTF-8 came here with other bytes.
    guard isTaken, Self.isPlain(EntryName(name.utf8)),
      folder.lastComponent.flatMap({ String(validating: $0) }) != nil
    else {
      skipped.append(EntryName(name.utf8).text)
      return
    }
    let target = skills.appending(name)
    if try copyContent(of: folder, to: target, at: name) > 0 {
      names.append(name)
    } else {
      skipped.append(name)
      try attempt { () throws(FileError) in try Folder.removeTree(target) }
    }
  }

  /// Whether a folder holds the file by which Codex knows a skill.
  private static func isSkill(_ folder: FilePath) -> Bool {
    ((try? FileStamp.of(folder.appending("SKILL.md"))) ?? nil)?.kind == .file
  }

  /// Answers how many files were copied.
  private mutating func copyContent(
    of folder: FilePath, to target: FilePath, at path: String
  ) throws(PackageError) -> Int {
    var count = 0
    try attempt { () throws(FileError) in try Folder.createPrivate(target) }
    for entry in try attempt({ () throws(FileError) in try Folder.entries(in: folder) }) {
      let name = EntryName(entry.name)
      let stamp = try attempt { () throws(FileError) in try FileStamp.of(entry.path) }
      switch stamp?.kind {
      case .folder where Self.isPlain(name):
        count += try copyContent(of: entry.path, to: target.appending(name.text), at: "\(path)/\(name.text)")
      case .file where Self.isPlain(name) && Self.isReadable(entry.path):
        let copy = target.appending(name.text)
        try attempt { () throws(FileError) in try copyFile(entry.path, to: copy) }
        count += 1
      default: skipped.append("\(path)/\(name.text)")
      }
    }
    if isDurable { try attempt { () throws(FileError) in try Folder.sync(target) } }
    return count
  }

  private static func isReadable(_ file: FilePath) -> Bool { (try? OpenFile(reading: file)) != nil }

  private static func isPlain(_ name: EntryName) -> Bool {
    !name.text.hasPrefix(".") && name.spelled.isEmpty && ConfinedPath(name.text)?.components.count == 1
  }

  private func copyFile(_ source: FilePath, to target: FilePath) throws(FileError) {
    let file = try OpenFile(reading: source)
    var writer = try FileWriter(creating: target, isDurable: isDurable)
    try file.forEachChunk { chunk throws(FileError) in try writer.write(chunk) }
    try writer.finish(modified: try file.stamp().modified)
  }
}
