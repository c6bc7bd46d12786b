import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Looks for bytes in a file of any size.
public enum ByteSearch {
  /// Whether the file that `path` leads to holds `pattern`; symbolic links are followed.
  public static func contains(_ pattern: [UInt8], _ path: FilePath) throws(FileError) -> Bool {
    let descriptor = try check(.open, path) { path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) } }
    defer { close(descriptor) }
    var window: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: FileReading.chunkSize)
    while true {
      let count = try check(.read, path) {
        chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      }
      if count == 0 { return false }
      window += chunk[..<count]
      if contains(pattern, window) { return true }
      window = Array(window.suffix(pattern.count))
    }
  }

  private static func contains(_ pattern: [UInt8], _ window: [UInt8]) -> Bool {
    window.withUnsafeBytes { hay in
      guard let base = hay.baseAddress, let first = pattern.first else { return false }
      var at = 0
      while hay.count - at >= pattern.count, let found = memchr(base + at, CInt(first), hay.count - at) {
        let start = UnsafeRawPointer(found) - base
        if hay.count - start >= pattern.count, memcmp(found, pattern, pattern.count) == 0 { return true }
        at = start + 1
      }
      return false
    }
  }
}
