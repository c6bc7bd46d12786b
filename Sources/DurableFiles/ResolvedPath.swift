import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension FilePath {
  /// The same place without `.` and `..`, as the system finds it: behind a symbolic link, `..` is the parent of what the
  /// link leads to.
  public var withoutParents: FilePath {
    var path = FilePath(root: root, [])
    for component in components {
      switch component.kind {
      case .currentDirectory: continue
      case .parentDirectory:
        if ((try? FileStamp.of(path)) ?? nil)?.kind == .symbolicLink { path = path.resolved ?? path }
        path.removeLastComponent()
      case .regular: path.append(component)
      }
    }
    return path
  }

  /// Where the path leads, no link in it; nil where nothing is there.
  public var resolved: FilePath? {
    withPlatformString { name in
      guard let found = realpath(name, nil) else { return nil }
      defer { free(found) }
      return FilePath(platformString: found)
    }
  }

  /// Whether the path leads, or would lead once it is made, into one of some folders, under whatever names.
  public func isInside(_ folders: [FilePath]) -> Bool {
    let wanted = Set(folders.compactMap(Self.place))
    var path = self
    while Self.place(path) == nil, path.removeLastComponent() {}
    guard var real = path.resolved else { return false }
    while true {
      if let place = Self.place(real), wanted.contains(place) { return true }
      guard real.removeLastComponent() else { return false }
    }
  }

  /// A file or folder, whatever it is called.
  private struct Place: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  private static func place(_ path: FilePath) -> Place? {
    ((try? FileStamp.ofTarget(path)) ?? nil).map { Place(device: $0.device, inode: $0.inode) }
  }
}
