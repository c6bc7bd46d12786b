#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lets libarchive see names as UTF-8.
///
/// It converts names by the thread's locale; in the plain C locale, which a Swift program has, it cannot
/// convert anything beyond ASCII, and its zip writer reads a null pointer on trying (3.6.2).
enum TextLocale {
  /// Runs `body` with this thread's character set at UTF-8, and puts back what was before.
  ///
  /// Where the system has no such locale, `body` runs as it is: names are then kept as bytes.
  static func utf8<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    #if canImport(Darwin)
      let name = "UTF-8"
    #else
      let name = "C.UTF-8"
    #endif
    guard let locale = newlocale(LC_CTYPE_MASK, name, nil) else { return try body() }
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    return try body()
  }
}
