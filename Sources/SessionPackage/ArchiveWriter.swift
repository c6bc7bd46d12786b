import CArchive
import DurableFiles
import SystemPackage

/// Writes a folder's content as an archive: sorted names, fixed owners and permissions, the files' own times;
/// so that the same content gives the same archive.
struct ArchiveWriter: ~Copyable {
  private let path: FilePath
  private let handle: OpaquePointer
  private let sink: Sink

  /// Where libarchive's bytes go.
  private final class Sink {
    var writer: FileWriter
    var failure: FileError?

    init(_ path: FilePath) throws(FileError) { writer = try FileWriter(creating: path) }

    func write(_ bytes: [UInt8]) -> Bool {
      do throws(FileError) {
        try writer.write(bytes)
        return true
      } catch {
        failure = error
        return false
      }
    }
  }

  private init(_ path: FilePath, _ handle: OpaquePointer, _ sink: Sink) {
    self.path = path
    self.handle = handle
    self.sink = sink
  }

  deinit { archive_write_free(handle) }

  /// Writes all that lies below `folder` into a new file, which is durable afterwards.
  static func pack(_ folder: FilePath, to path: FilePath, as kind: ArchiveKind) throws(PackageError) {
    let sink = try attempt { () throws(FileError) in try Sink(path) }
    guard let handle = archive_write_new() else { throw .file(FileError(.write, path, .noMemory)) }
    let archive = ArchiveWriter(path, handle, sink)
    try archive.check(kind.configure(handle))
    // No padding at the end, which zstd and zip readers take for damage.
    try archive.check(archive_write_set_bytes_in_last_block(handle, 1))
    try archive.open()
    try FolderListing.visit("", of: folder) { entry throws(PackageError) in try archive.add(entry) }
    try archive.check(archive_write_close(handle))
    do throws(FileError) { try sink.writer.finish() } catch { throw .file(error) }
  }

  private func open() throws(PackageError) {
    // The sink outlives the handle: this value holds both.
    let client = Unmanaged.passUnretained(sink).toOpaque()
    try check(
      archive_write_open2(
        handle, client, nil,
        { _, client, bytes, count in
          guard let client else { return -1 }
          let chunk = Array(UnsafeRawBufferPointer(start: bytes, count: count))
          return Unmanaged<Sink>.fromOpaque(client).takeUnretainedValue().write(chunk) ? count : -1
        }, nil, nil))
  }

  private func add(_ item: FolderListing.Entry) throws(PackageError) {
    let isFolder = item.stamp.kind == .folder
    guard isFolder || item.stamp.kind == .file, let entry = archive_entry_new() else { return }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, item.path)
    archive_entry_set_filetype(entry, isFolder ? 0o040000 : 0o100000)
    archive_entry_set_perm(entry, (isFolder ? AccessMode.privateFolder : .privateFile).bits)
    // A folder's own time is that of the packing, which says nothing of the content.
    if isFolder {
      archive_entry_set_mtime(entry, 0, 0)
    } else {
      archive_entry_set_size(entry, item.stamp.size)
      let modified = item.stamp.modified
      archive_entry_set_mtime(entry, time_t(modified.seconds), Int(modified.nanoseconds))
    }
    try check(archive_write_header(handle, entry))
    if !isFolder { try copy(item) }
  }

  private func copy(_ item: FolderListing.Entry) throws(PackageError) {
    do throws(FileError) {
      let file = try OpenFile(reading: item.file)
      var offset: Int64 = 0
      while offset < item.stamp.size {
        let chunk = try file.read(at: offset, count: FileReading.chunkSize)
        let written = chunk.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, $0.count) }
        guard written == chunk.count, !chunk.isEmpty else { throw FileError(.read, item.file, .resourceBusy) }
        offset += Int64(chunk.count)
      }
    } catch {
      throw sink.failure.map { .file($0) } ?? .file(error)
    }
  }

  private func check(_ result: CInt) throws(PackageError) {
    if result == ARCHIVE_OK || result == ARCHIVE_WARN { return }
    if let failure = sink.failure { throw .file(failure) }
    throw .archiveNotWritten(path, reason: archive_error_string(handle).map { String(cString: $0) } ?? "")
  }
}
