import SystemPackage

/// A relative path that provably stays under whatever folder it is joined to.
///
/// Refused: absolute paths, empty components, `.` and `..`, backslashes, NUL and control characters.
public struct ConfinedPath: Hashable, Sendable {
  /// The path's components, outermost first; never empty.
  public let components: [String]

  /// Validates `text`, with `/` as the separator; nil where it could leave its folder.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !parts.isEmpty, parts.allSatisfy(Self.isPlain) else { return nil }
    components = parts
  }

  /// The last component.
  public var name: String { components[components.count - 1] }

  /// The path as text, with `/` between its components.
  public var text: String { components.joined(separator: "/") }

  /// The path under `folder`.
  public func under(_ folder: FilePath) -> FilePath {
    components.reduce(folder) { $0.appending($1) }
  }

  private static func isPlain(_ component: String) -> Bool {
    !component.isEmpty && component != "." && component != ".." && component.utf8.count <= 255
      && component.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control && $0 != "\\" && $0 != "/"
      }
  }
}
