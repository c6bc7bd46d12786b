import CArchive
import DurableFiles
import SystemPackage

/// Reads an archive once, from its first entry to its last.
///
/// zip and tar only, plain or through gzip or zstd; what it is, is decided by content. libarchive parses
/// and unpacks, it never writes a file.
struct ArchiveReader: ~Copyable {
  /// What an entry would be on disk.
  enum Kind: Sendable { case file, folder, symbolicLink, hardLink, special }

  /// One entry's header.
  struct Entry: Sendable {
    /// Unchecked.
    let name: EntryName
    let kind: Kind
    /// Nil where the archive does not say.
    let modified: FileTime?
  }

  private let path: FilePath
  private let handle: OpaquePointer

  private init(_ path: FilePath, _ handle: OpaquePointer) {
    self.path = path
    self.handle = handle
  }

  /// Opens an archive; its format shows at the first entry.
  static func open(_ path: FilePath) throws(PackageError) -> ArchiveReader {
    guard let handle = archive_read_new() else { throw .file(FileError(.open, path, .noMemory)) }
    let reader = ArchiveReader(path, handle)
    archive_read_support_filter_gzip(handle)
    archive_read_support_filter_zstd(handle)
    archive_read_support_format_tar(handle)
    archive_read_support_format_zip(handle)
    let opened = path.withPlatformString { archive_read_open_filename(handle, $0, 1 << 17) }
    guard opened == ARCHIVE_OK else { throw reader.failure() }
    return reader
  }

  deinit { archive_read_free(handle) }

  /// The next entry's header; nil at the end.
  func next() throws(PackageError) -> Entry? {
    var entry: OpaquePointer?
    switch archive_read_next_header(handle, &entry) {
    case ARCHIVE_EOF: return nil
    case ARCHIVE_OK, ARCHIVE_WARN: break
    default: throw failure()
    }
    guard let entry else { throw failure() }
    guard let name = name(of: entry) else { throw .unsafeEntry(name: "", .name) }
    // Asked for its content, libarchive would only say that it has no passphrase.
    if archive_entry_is_data_encrypted(entry) != 0 { throw .unreadableArchive(path, .encrypted) }
    return Entry(name: name, kind: kind(of: entry), modified: time(of: entry))
  }

  /// Writes the current entry's content into a new file.
  func unpack(
    to file: FilePath, modified: FileTime?, counting: (Int) throws(PackageError) -> Void
  ) throws(PackageError) {
    let staged = try attempt { () throws(FileError) in try ScratchFile(creating: file) }
    while true {
      let chunk = try read()
      if chunk.isEmpty { break }
      try counting(chunk.count)
      try attempt { () throws(FileError) in try staged.write(chunk) }
    }
    if let modified { staged.setModified(modified) }
  }

  /// Reads past the current entry's content.
  func skip(counting: (Int) throws(PackageError) -> Void) throws(PackageError) {
    while true {
      let chunk = try read()
      if chunk.isEmpty { return }
      try counting(chunk.count)
    }
  }

  /// The next bytes of the current entry, holes filled with zeros; none at its end.
  private func read() throws(PackageError) -> [UInt8] {
    var result = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 17) { buffer, filled in
      result = archive_read_data(handle, buffer.baseAddress, buffer.count)
      filled = max(result, 0)
    }
    if result < 0 { throw failure() }
    return chunk
  }

  /// The name; where libarchive cannot convert it, by its bytes.
  private func name(of entry: OpaquePointer) -> EntryName? {
    guard let name = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else { return nil }
    return EntryName(
      sequence(first: name) { $0 + 1 }.lazy.prefix { $0.pointee != 0 }.map { UInt8(bitPattern: $0.pointee) })
  }

  private func time(of entry: OpaquePointer) -> FileTime? {
    if archive_entry_mtime_is_set(entry) == 0 { return nil }
    return FileTime(
      seconds: Int64(archive_entry_mtime(entry)), nanoseconds: Int64(archive_entry_mtime_nsec(entry)))
  }

  private func kind(of entry: OpaquePointer) -> Kind {
    if archive_entry_hardlink(entry) != nil || archive_entry_hardlink_utf8(entry) != nil { return .hardLink }
    // libarchive's AE_IFREG, AE_IFDIR and AE_IFLNK, which are macros that Swift cannot see.
    return switch archive_entry_filetype(entry) {
    case 0o100000: .file
    case 0o040000: .folder
    case 0o120000: .symbolicLink
    default: .special
    }
  }

  private func failure() -> PackageError {
    // What the system says of the file is no fault of what is in it.
    let number = Errno(rawValue: archive_errno(handle))
    if Self.ofSystem.contains(number) { return .file(FileError(.read, path, number)) }
    if archive_format(handle) == 0 {
      // Compressed, or called so: the beginning of an archive that was cut short shows nothing else.
      let isArchive = archive_filter_count(handle) > 1 || ArchiveKind(path) != nil
      return isArchive
        ? .damagedArchive(path, reason: "it ends too early, or is no archive") : .notAPackage(path)
    }
    let reason = archive_error_string(handle).map { String(cString: $0) } ?? ""
    // Deflate64, which Windows Explorer uses for files of more than 2 GB (libarchive 3.6.2).
    if reason.hasPrefix("Unsupported ZIP compression method") {
      return .unreadableArchive(path, .method(reason))
    }
    if reason.contains("ncrypted") || reason.contains("assphrase") {
      return .unreadableArchive(path, .encrypted)
    }
    return .damagedArchive(path, reason: reason)
  }

  /// Errors of reading a file that libarchive hands on.
  private static let ofSystem: [Errno] = [
    .ioError, .permissionDenied, .notPermitted, .noSuchFileOrDirectory, .isDirectory, .noMemory,
    .staleNFSFileHandle,
    .timedOut, .noSuchAddressOrDevice,
  ]
}
