import DurableFiles
import SystemPackage

/// Where a path of another machine is on this one.
///
/// Rules apply on whole components, never by replacing text. The first kind that applies decides; within a kind
/// the longest prefix. A path that no rule covers stays as it is.
public struct PathMap: Sendable, Hashable {
  /// Which rule moved a path.
  public enum Rule: String, Sendable, Codable {
    /// `--map FROM=TO`.
    case explicit
    /// The working directory of the same thread here and there.
    case learned
    /// What the user said of this origin before.
    case remembered
    /// The transfer tool's: keep what begins at `\Documents\`, put the local home before it.
    case documents
    /// The source machine's home folder to the local one.
    case home
  }

  /// One prefix and what takes its place.
  public struct Prefix: Sendable, Hashable, Codable {
    /// The path there.
    public let from: String
    /// The path here.
    public let to: String

    /// Creates a prefix rule.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  private var explicit: [Prefix]
  private var learned: [Prefix] = []
  private let remembered: [Prefix]
  private let sourceHomes: [String]
  private let localHome: String?
  private let guarded: GuardedFolders?
  /// What stands in a record for a folder that is guarded.
  private var stand: String?

  /// Creates a map from what the user said, now and before, and what the package tells.
  ///
  /// - Parameters:
  ///   - explicit: what the user says now.
  ///   - remembered: what the user said of this origin before.
  ///   - sourceHome: the home folder there, as the user spells it.
  ///   - realSourceHome: the same without links: Codex records folders so.
  ///   - localHome: the home folder here; nil where none stands for another.
  ///   - guarded: folders that no rule but the user's own word leads to; nil where the package is trusted.
  public init(
    explicit: [Prefix], remembered: [Prefix] = [], sourceHome: String?, realSourceHome: String? = nil,
    localHome: String?, guarded: GuardedFolders? = nil
  ) {
    self.guarded = guarded
    self.explicit = explicit
    self.remembered = remembered
    sourceHomes = [sourceHome, realSourceHome].compactMap(\.self)
    self.localHome = localHome
  }

  /// Whether a text can stand on either side of a rule.
  public static func isAbsolute(_ path: String) -> Bool { MachinePath(path) != nil }

  /// Whether a path is a folder or lies below it, by components and in either flavour.
  public static func isBelow(_ path: String, _ folder: String) -> Bool {
    guard let path = MachinePath(path), let folder = MachinePath(folder) else { return path == folder }
    return path.suffix(behind: folder) != nil
  }

  /// A map that leaves every path as it is.
  public static let identity = PathMap(explicit: [], sourceHome: nil, localHome: nil)

  /// The map with one more rule, from a thread that is known on both machines.
  public func learning(_ prefix: Prefix) -> PathMap {
    var map = self
    if Self.isAbsolute(prefix.from), Self.isAbsolute(prefix.to) { map.learned.append(prefix) }
    return map
  }

  /// The map in whose records a folder that is guarded becomes another one.
  public func standing(_ folder: String) -> PathMap {
    var map = self
    map.stand = folder
    return map
  }

  /// Where a path is on this machine.
  public struct Place: Sendable, Hashable {
    /// The local path.
    public let path: String
    /// The rule that gave it; nil where none applied.
    public let rule: Rule?
    /// Why nobody should work there only because a package says so; nil where one may.
    public let danger: GuardedFolders.Reason?
  }

  /// Where a path is on this machine, and whether a session may work there.
  public func place(of path: String) -> Place {
    var (found, rule, target) = find(path)
    // As it is, in the spelling of this kind of system: Codex passes over settings that name no path of its own, and
    // with them the receiver's permissions (0.163.0).
    if rule == nil, let spelling = MachinePath(found)?.posixSpelling { found = spelling }
    let danger = FilePath(found).isAbsolute ? guarded?.reason(found) : nil
    guard let danger, rule == .explicit || rule == .learned, let target else {
      return Place(path: found, rule: rule, danger: danger)
    }
    return Place(path: found, rule: rule, danger: isSaid(target, found, danger, rule) ? nil : danger)
  }

  /// Whether the user's word for a prefix is his word for a guarded folder that it leads to.
  ///
  /// The home is said for itself, not for the hidden folders in it; a hidden folder for what is in it as well. Of a
  /// thread that is here already its own folder is known, and no other.
  private func isSaid(_ target: String, _ path: String, _ danger: GuardedFolders.Reason, _ rule: Rule?)
    -> Bool
  {
    if PathWalk(FilePath(target)).end.isSame(as: PathWalk(FilePath(path)).end) { return true }
    return rule == .explicit && (danger == .hidden || danger == .codexHome)
      && guarded?.reason(target) == danger
  }

  /// The local path as a record of this machine may name it as a folder to work in.
  func slot(_ path: String) -> String {
    guard let stand else { return find(path).path }
    let place = place(of: path)
    return place.danger == nil ? place.path : stand
  }

  /// The local path, and the rule that gave it; nil for the rule where none applied.
  public func localise(_ path: String) -> (path: String, rule: Rule?) {
    let found = find(path)
    return (found.path, found.rule)
  }

  private func find(_ path: String) -> (path: String, rule: Rule?, target: String?) {
    guard let parsed = MachinePath(path) else { return (path, nil, nil) }
    for (rules, rule) in [(explicit, Rule.explicit), (learned, .learned), (remembered, .remembered)] {
      if let found = longest(of: rules, parsed) { return (found.path, rule, found.target) }
    }
    guard let localHome else { return (path, nil, nil) }
    if parsed.flavour == .windows, let kept = Self.behindDocuments(path) {
      return (MachinePath.join(localHome, ["Documents"] + kept), .documents, nil)
    }
    if let found = longest(of: sourceHomes.map { Prefix(from: $0, to: localHome) }, parsed) {
      return (found.path, .home, nil)
    }
    return (path, nil, nil)
  }

  /// What `str.partition` of the transfer tool leaves behind `\Documents\`: first occurrence, case kept.
  private static func behindDocuments(_ path: String) -> [String]? {
    let bytes = path.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "\\") : $0 }
    guard let found = bytes.firstRange(of: Array(#"\Documents\"#.utf8)) else { return nil }
    return bytes[found.upperBound...].split(separator: UInt8(ascii: "\\")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func longest(of rules: [Prefix], _ path: MachinePath) -> (path: String, target: String)? {
    var best: (length: Int, path: String, target: String)?
    for rule in rules {
      guard let from = MachinePath(rule.from), let suffix = path.suffix(behind: from) else { continue }
      if best.map({ $0.length < from.components.count }) ?? true {
        best = (from.components.count, MachinePath.join(rule.to, suffix), rule.to)
      }
    }
    return best.map { ($0.path, $0.target) }
  }
}
