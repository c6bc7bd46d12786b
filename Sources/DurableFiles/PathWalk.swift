import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folders that a path leads through, links followed, whether or not the end of it exists.
///
/// A path is compared by what is there, not by how it is written: a link, `..`, a doubled slash, and on some file
/// systems another case or composition of letters name the same folder.
public struct PathWalk: Sendable, Hashable {
  /// What tells one file from every other.
  public struct Identity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
  }

  /// One folder on the way.
  public struct Step: Sendable, Hashable {
    /// Its path, no link in it.
    public let path: FilePath
    /// What is there; nil where nothing is, or nothing that may be looked at.
    public let identity: Identity?

    /// Whether both are one folder; two that are not there are one by their paths.
    public func isSame(as other: Step) -> Bool {
      identity == nil && other.identity == nil ? path == other.path : identity == other.identity
    }
  }

  /// From the root to the end of the path.
  public private(set) var steps: [Step]

  /// More links than any system follows.
  private static let most = 64

  /// Walks an absolute path; one that goes round in links ends where that shows.
  public init(_ path: FilePath) {
    let root = FilePath("/")
    steps = [Self.step(root)]
    var open = Array(path.components.reversed())
    var links = 0
    while let component = open.popLast() {
      switch component.kind {
      case .currentDirectory: continue
      case .parentDirectory:
        if steps.count > 1 { steps.removeLast() }
        continue
      case .regular: break
      }
      let next = (steps.last?.path ?? root).appending(component)
      guard let target = Self.target(of: next) else {
        steps.append(Self.step(next))
        continue
      }
      links += 1
      if links > Self.most { return }
      if target.isAbsolute { steps = [Self.step(root)] }
      open += target.components.reversed()
    }
  }

  /// The end of the path.
  public var end: Step { steps.last ?? Self.step("/") }

  private static func step(_ path: FilePath) -> Step {
    var info = stat()
    guard path.withPlatformString({ lstat($0, &info) }) == 0 else { return Step(path: path, identity: nil) }
    let stamp = FileStamp(info)
    return Step(path: path, identity: Identity(device: stamp.device, inode: stamp.inode))
  }

  /// Where a symbolic link leads; nil where there is none.
  private static func target(of path: FilePath) -> FilePath? {
    let bytes = [CChar](unsafeUninitializedCapacity: 4096) { buffer, filled in
      guard let start = buffer.baseAddress else { return }
      filled = max(path.withPlatformString { readlink($0, start, buffer.count) }, 0)
    }
    return bytes.isEmpty ? nil : FilePath(platformString: bytes + [0])
  }
}
