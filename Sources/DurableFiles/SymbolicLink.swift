import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where paths lead that go over symbolic links.
public enum SymbolicLink {
  /// The path without any link in it; nil where nothing is there, or it cannot be looked at.
  public static func realPath(_ path: FilePath) -> FilePath? {
    path.withPlatformString { path in
      guard let real = realpath(path, nil) else { return nil }
      defer { free(real) }
      return FilePath(platformString: real)
    }
  }

  /// What the link at `path` names, made absolute, whether anything is there or not; nil where there is no link.
  public static func destination(of path: FilePath) -> FilePath? {
    let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = path.withPlatformString { path in
        buffer.withMemoryRebound(to: CChar.self) { text in
          text.baseAddress.map { max(0, readlink(path, $0, text.count)) } ?? 0
        }
      }
    }
    if bytes.isEmpty { return nil }
    return path.removingLastComponent().pushing(FilePath(String(decoding: bytes, as: UTF8.self)))
  }

  /// What a link in the last component leads to, and any other path as it is.
  ///
  /// What is written or replaced beside a file, as SQLite's log, belongs beside the file, not beside a link to it.
  public static func followed(_ path: FilePath) -> FilePath {
    destination(of: path) == nil ? path : realPath(path) ?? path
  }

  /// Whether there is a link at `path` that leads nowhere.
  public static func isDead(_ path: FilePath) throws(FileError) -> Bool {
    guard try FileStamp.of(path)?.kind == .symbolicLink else { return false }
    return try FileStamp.ofTarget(path) == nil
  }
}
