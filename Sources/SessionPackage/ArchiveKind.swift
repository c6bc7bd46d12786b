import CArchive
import SystemPackage

/// The kinds of archive that are written, by the ending of the name.
enum ArchiveKind: Sendable {
  case zip, tar, tarGzip, tarZstandard

  /// The kind that a path's name asks for; nil where it asks for none: then a folder is meant.
  init?(_ path: FilePath) {
    let name = (path.lastComponent?.string ?? "").lowercased()
    let endings: [(String, ArchiveKind)] = [
      (".zip", .zip), (".tar", .tar), (".tar.gz", .tarGzip), (".tgz", .tarGzip), (".tar.zst", .tarZstandard),
    ]
    guard let found = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
    self = found.1
  }

  /// Tells a writer of libarchive what to write; ARCHIVE_OK, or what went wrong.
  func configure(_ handle: OpaquePointer) -> CInt {
    switch self {
    case .zip: return archive_write_set_format_zip(handle)
    case .tar: return archive_write_set_format_pax_restricted(handle)
    case .tarGzip:
      return worst(
        archive_write_set_format_pax_restricted(handle), archive_write_add_filter_gzip(handle),
        archive_write_set_filter_option(handle, "gzip", "timestamp", nil))
    case .tarZstandard:
      return worst(archive_write_set_format_pax_restricted(handle), archive_write_add_filter_zstd(handle))
    }
  }

  /// libarchive's results are zero or, the worse, the more negative.
  private func worst(_ results: CInt...) -> CInt { results.min() ?? ARCHIVE_OK }
}
