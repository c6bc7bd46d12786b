/// Where a path of another machine is on this one.
///
/// Rules apply on whole components, never by replacing text. The first kind that applies decides; within a kind
/// the longest prefix. A path that no rule covers stays as it is.
public struct PathMap: Sendable, Hashable, Codable {
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
  private let sourceHome: String?
  private let localHome: String?

  /// Creates a map from what the user said, now and before, and what the package tells.
  public init(explicit: [Prefix], remembered: [Prefix] = [], sourceHome: String?, localHome: String?) {
    self.explicit = explicit
    self.remembered = remembered
    self.sourceHome = sourceHome
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

  /// The local path, and the rule that gave it; nil for the rule where none applied.
  public func localise(_ path: String) -> (path: String, rule: Rule?) {
    guard let parsed = MachinePath(path) else { return (path, nil) }
    if let found = longest(of: explicit, parsed) { return (found, .explicit) }
    if let found = longest(of: learned, parsed) { return (found, .learned) }
    if let found = longest(of: remembered, parsed) { return (found, .remembered) }
    guard let localHome else { return (path, nil) }
    if parsed.flavour == .windows, let kept = Self.behindDocuments(path) {
      return (MachinePath.join(localHome, ["Documents"] + kept), .documents)
    }
    if let sourceHome, let found = longest(of: [Prefix(from: sourceHome, to: localHome)], parsed) {
      return (found, .home)
    }
    return (path, nil)
  }

  /// What `str.partition` of the transfer tool leaves behind `\Documents\`: first occurrence, case kept.
  private static func behindDocuments(_ path: String) -> [String]? {
    let bytes = path.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "\\") : $0 }
    guard let found = bytes.firstRange(of: Array(#"\Documents\"#.utf8)) else { return nil }
    return bytes[found.upperBound...].split(separator: UInt8(ascii: "\\")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func longest(of rules: [Prefix], _ path: MachinePath) -> String? {
    var best: (length: Int, result: String)?
    for rule in rules {
      guard let from = MachinePath(rule.from), let suffix = path.suffix(behind: from) else { continue }
      if best.map({ $0.length < from.components.count }) ?? true {
        best = (from.components.count, MachinePath.join(rule.to, suffix))
      }
    }
    return best?.result
  }
}
