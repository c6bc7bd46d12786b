import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file system that a path is on.
public enum Volume {
  /// Bytes that this user can still write where `path` is, or will be: what is left for others than root.
  public static func freeBytes(at path: FilePath) throws(FileError) -> Int64 {
    var place = path
    while try FileStamp.ofTarget(place) == nil, place != place.removingLastComponent() {
      place.removeLastComponent()
    }
    var info = statvfs()
    try check(.stat, place) { place.withPlatformString { statvfs($0, &info) } }
    let (bytes, isTooMany) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
    return isTooMany ? .max : Int64(clamping: bytes)
  }
}
