import CArchive
import SystemPackage

/// Makes compressed rollouts.
public enum ZstdFile {
  /// Writes `bytes` compressed with zstd, as Codex keeps old rollouts.
  @discardableResult
  public static func write(_ bytes: [UInt8], to path: FilePath) throws -> FilePath {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw Errno.noMemory }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    archive_write_add_filter_zstd(archive)
    archive_write_set_format_raw(archive)
    archive_write_set_bytes_in_last_block(archive, 1)
    guard archive_write_open_filename(archive, path.string) == ARCHIVE_OK else { throw Errno.ioError }
    archive_entry_set_filetype(entry, 0o100000)
    guard archive_write_header(archive, entry) == ARCHIVE_OK,
      archive_write_data(archive, bytes, bytes.count) == bytes.count,
      archive_write_close(archive) == ARCHIVE_OK
    else { throw Errno.ioError }
    return path
  }
}
