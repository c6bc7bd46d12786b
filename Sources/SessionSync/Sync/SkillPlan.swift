import CodexHome
import DurableFiles
import Journal
import SessionPackage
import SystemPackage

/// What becomes of one skill of a package.
///
/// A skill is text that an agent follows, and programs that it runs: each is named, whether it is taken or not.
public struct SkillPlan: Sendable {
  /// What it is to the skills here.
  public enum State: String, Sendable, CaseIterable {
    /// There is none of that name.
    case missing
    /// The one here holds the same files.
    case same
    /// The one here is another. It stays.
    case differs
  }

  /// The skill's folder name.
  public let name: String
  /// What it is to the skills here.
  public let state: State
  /// Whether it is put in place.
  public let isInstalled: Bool
  /// How many files it has.
  public let files: Int
  /// The bytes of all.
  public let bytes: Int64
  /// What is written; nil where nothing is.
  let write: SkillWrite?

  /// Compares a packaged skill with those in a home.
  ///
  /// - Parameter installs: whether one that is missing is to be put in place.
  init(_ skill: PackagedSkill, in home: CodexHome, installs: Bool) throws(SyncError) {
    let folder = home.skills.appending(skill.name)
    // A link counts as there, wherever it leads.
    let isThere = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(folder) != nil }
    name = skill.name
    files = skill.files.count
    bytes = skill.files.map(\.size).reduce(0, +)
    state = isThere ? (Self.holds(folder, skill) ? .same : .differs) : .missing
    isInstalled = state == .missing && installs
    write = isInstalled ? SkillWrite(skill, to: folder) : nil
  }

  /// Whether a folder holds a skill's files as they are; others may lie beside them.
  private static func holds(_ folder: FilePath, _ skill: PackagedSkill) -> Bool {
    skill.files.allSatisfy { file in
      let path = file.path.under(folder)
      guard let stamp = (try? FileStamp.ofTarget(path)) ?? nil, stamp.kind == .file, stamp.size == file.size
      else { return false }
      return (try? FileDigest.sha256(of: path, count: file.size)) == file.sha256
    }
  }
}

extension SkillWrite {
  fileprivate init(_ skill: PackagedSkill, to folder: FilePath) {
    files = skill.files.map {
      File(source: $0.file, target: $0.path.under(folder), sha256: $0.sha256, size: $0.size)
    }
  }
}
