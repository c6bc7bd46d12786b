import CArchive
import SyncTestSupport
import SystemPackage

/// Makes archives that no honest program would.
struct ArchiveBuilder {
  /// One entry as it will stand in the archive.
  struct Entry {
    enum Kind: UInt32 {
      case file = 0o100000
      case folder = 0o040000
      case symbolicLink = 0o120000
      case fifo = 0o010000
      case device = 0o020000
    }

    var name: String
    var kind = Kind.file
    var content: [UInt8] = []
    var hardLink: String?
    var target: String?
  }

  enum Form { case zip, tar, tarGzip, tarZstandard, cpio }

  static func write(_ entries: [Entry], as form: Form, to path: FilePath) {
    let archive = archive_write_new()
    defer { archive_write_free(archive) }
    switch form {
    case .zip: archive_write_set_format_zip(archive)
    case .tar, .tarGzip, .tarZstandard: archive_write_set_format_pax_restricted(archive)
    case .cpio: archive_write_set_format_cpio(archive)
    }
    if form == .tarGzip { archive_write_add_filter_gzip(archive) }
    if form == .tarZstandard { archive_write_add_filter_zstd(archive) }
    _ = path.withPlatformString { archive_write_open_filename(archive, $0) }
    for item in entries {
      let entry = archive_entry_new()
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, item.name)
      archive_entry_set_filetype(entry, item.kind.rawValue)
      archive_entry_set_perm(entry, 0o644)
      archive_entry_set_size(entry, Int64(item.content.count))
      if let link = item.hardLink { archive_entry_set_hardlink(entry, link) }
      if let target = item.target { archive_entry_set_symlink(entry, target) }
      archive_write_header(archive, entry)
      _ = item.content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
    }
    archive_write_close(archive)
  }

  /// A small honest package, under `top`.
  static func package(under top: String = "") -> [Entry] {
    [
      Entry(name: "\(top)package_manifest.json", content: Array(Samples.manifest.utf8)),
      Entry(
        name: "\(top)metadata/threads.jsonl",
        content: Array((Samples.row(Samples.first, Samples.firstName) + "\n").utf8)),
      Entry(name: "\(top)sessions/\(Samples.firstName)", content: Array(Samples.transcript.utf8)),
    ]
  }
}
