import DurableFiles
import SystemPackage

/// Folders of this machine that nobody's session gets to work in unless the user says so.
///
/// Where Codex may write in the working folder unasked (`workspace-write`), one of these lets it write what runs later:
/// a shell's start files, keys, Codex's own `config.toml`. So no package chooses them, neither by naming one nor by
/// inventing a home folder that is mapped to the local one.
public struct GuardedFolders: Sendable, Hashable {
  /// Why a folder is guarded.
  public enum Reason: String, Sendable {
    /// The user's home folder itself.
    case home
    /// A folder that the home folder, or the Codex home, lies in.
    case aboveHome = "above_home"
    /// The Codex home, or a folder in it.
    case codexHome = "codex_home"
    /// A hidden folder of the home, such as `.ssh`, or a folder in one.
    case hidden
    /// No folder, whatever it would come to: longer than any system's path.
    case tooLong = "too_long"
  }

  private let homes: [PathWalk.Step]
  private let codexHome: PathWalk.Step
  private let above: [PathWalk.Step]

  /// Looks at the folders as they are now.
  public init(homes: [FilePath], codexHome: FilePath) {
    let walks = homes.map { PathWalk($0) }
    let codex = PathWalk(codexHome)
    self.homes = walks.map(\.end)
    self.codexHome = codex.end
    above = (walks + [codex]).flatMap { $0.steps.dropLast() }
  }

  /// Why a folder is guarded; nil where it is not.
  ///
  /// Followed through links as the system does, and as text, which Codex makes of `..` first.
  public func reason(_ path: String) -> Reason? {
    if path.utf8.count > MachinePath.longest { return .tooLong }
    let path = FilePath(path)
    return reason(PathWalk(path)) ?? reason(PathWalk(path.lexicallyNormalized()))
  }

  private func reason(_ walk: PathWalk) -> Reason? {
    if walk.steps.contains(where: { $0.isSame(as: codexHome) }) { return .codexHome }
    for home in homes {
      guard let index = walk.steps.firstIndex(where: { $0.isSame(as: home) }) else { continue }
      let below = walk.steps[(index + 1)...]
      if below.isEmpty { return .home }
      if below.contains(where: { $0.path.lastComponent?.string.hasPrefix(".") == true }) { return .hidden }
    }
    return above.contains { walk.end.isSame(as: $0) } ? .aboveHome : nil
  }
}
