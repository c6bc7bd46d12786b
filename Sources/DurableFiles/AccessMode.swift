import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The permission bits of a file or folder.
///
/// What this program keeps for itself is its owner's alone; what it puts where Codex looks has the mode that Codex would
/// have given it. Setting a mode is best effort: on some file systems, and on other people's files, nobody can.
public struct AccessMode: Hashable, Sendable {
  /// The nine bits of owner, group and others.
  public let bits: UInt32

  /// Creates a mode; bits beyond the nine are left out.
  public init(bits: UInt32) { self.bits = bits & 0o777 }

  /// A file that only its owner reads.
  public static let privateFile = AccessMode(bits: 0o600)
  /// A folder that only its owner enters.
  public static let privateFolder = AccessMode(bits: 0o700)
  /// A folder that is like any other of the user's, less the umask.
  public static let folder = AccessMode(bits: 0o777)

  /// A new file such as Codex makes it (0.163.0): 0644 less the umask.
  public static let newFile: AccessMode = {
    // The mask can only be read by setting it. What is made in between is made too private, not too open.
    let mask = umask(0o077)
    umask(mask)
    return AccessMode(bits: 0o644 & ~UInt32(mask))
  }()

  /// The mode of the file or folder at a path, links not followed; nil where there is none.
  public static func of(_ path: FilePath) -> AccessMode? {
    var info = stat()
    guard path.withPlatformString({ lstat($0, &info) }) == 0 else { return nil }
    return AccessMode(bits: UInt32(info.st_mode))
  }

  /// Gives a file or folder this mode, if it can be; a symbolic link is left alone, and what it leads to.
  public func set(_ path: FilePath) {
    guard let now = Self.of(path), now != self else { return }
    let opened = path.withPlatformString { open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
    guard opened != -1 else { return }
    defer { close(opened) }
    _ = fchmod(opened, mode_t(bits))
  }

  var mode: mode_t { mode_t(bits) }
}
