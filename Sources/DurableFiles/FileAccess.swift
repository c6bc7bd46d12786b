import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What this user may do with a file, asked without trying.
public enum FileAccess {
  /// Why a file cannot be written to, in the system's words; nil where it can.
  public static func refusal(ofWriting path: FilePath) throws(FileError) -> String? {
    do throws(FileError) {
      try check(.open, path) { path.withPlatformString { access($0, W_OK) } }
      return nil
    } catch {
      guard [.permissionDenied, .readOnlyFileSystem, .notPermitted].contains(error.errno) else { throw error }
      return "\(error.errno)"
    }
  }
}
