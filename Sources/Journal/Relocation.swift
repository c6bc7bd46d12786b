import SystemPackage

/// Where the paths of a home lead that was moved or copied since they were written down.
public struct Relocation: Sendable {
  private let from: FilePath?
  private let to: FilePath?

  /// Names the home as it was called, and as it is called; nothing is relocated where one is not known.
  public init(from: FilePath? = nil, to: FilePath? = nil) {
    self.from = from == to ? nil : from
    self.to = to
  }

  /// The same place in the home as it is called now; a path outside of it stays.
  public func path(_ path: FilePath) -> FilePath {
    guard let from, let to, path.starts(with: from) else { return path }
    var rest = path
    _ = rest.removePrefix(from)
    return to.appending(rest.components)
  }
}
