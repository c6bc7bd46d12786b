import CArchive
import DurableFiles
import SystemPackage

/// The uncompressed bytes of a rollout, in steps, wherever they are kept.
struct RolloutStream: ~Copyable {
  private let file: OpenFile
  private let compressed: ZstdReader?
  private var offset: Int64
  /// Bytes on disk.
  private let size: Int64
  /// Whether it is holes nearly all of it.
  private let isHollow: Bool
  /// How much `next` reads of a plain file at once, in bytes.
  var step = FileReading.chunkSize

  /// The offset that the first bytes begin at.
  let start: Int64

  /// Opens a rollout; compression is recognised by content, not by name.
  ///
  /// Reading throws `.overLimit` where a file is holes nearly all of it, or a compressed one unfolds too far.
  ///
  /// - Parameter offset: where to begin; a compressed file can only be read from the start.
  init(_ path: FilePath, from offset: Int64 = 0) throws(RolloutError) {
    do throws(FileError) {
      let opened = try OpenFile(reading: path)
      let isCompressed = try opened.read(at: 0, count: 4) == ZstdReader.magic
      let size = try opened.stamp().size
      let isHollow = isCompressed ? false : try RolloutLimits.isHollow(opened)
      compressed = isCompressed ? try ZstdReader(path) : nil
      file = opened
      self.size = size
      self.isHollow = isHollow
      self.offset = isCompressed ? 0 : offset
    } catch {
      throw .file(error)
    }
    start = self.offset
  }

  /// Fills memory with the next bytes and says how many; 0 at the end.
  mutating func read(into memory: UnsafeMutableRawBufferPointer) throws(RolloutError) -> Int {
    guard !memory.isEmpty else { throw .file(FileError(.read, file.path, .noMemory)) }
    if isHollow { throw .overLimit(file.path, .ratio) }
    let count: Int
    if let compressed {
      count = try compressed.read(into: memory)
    } else {
      do throws(FileError) {
        count = try file.read(at: offset, into: memory)
      } catch {
        throw .file(error)
      }
    }
    offset += Int64(count)
    if compressed != nil, RolloutLimits.isOverRatio(offset, of: size) { throw .overLimit(file.path, .ratio) }
    return count
  }

  /// The next bytes; nil at the end.
  mutating func next() throws(RolloutError) -> [UInt8]? {
    var failure: RolloutError?
    let count = compressed == nil ? step : FileReading.chunkSize
    let chunk = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(RolloutError) {
        filled = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return chunk.isEmpty ? nil : chunk
  }

  /// Goes on at `offset`, or, in a compressed file, where it is; answers where.
  mutating func skip(to offset: Int64) -> Int64 {
    if compressed == nil { self.offset = offset }
    return self.offset
  }
}

/// Decompresses one zstd file through libarchive: the raw format under the zstd filter.
final class ZstdReader {
  static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  private let path: FilePath
  private let archive: OpaquePointer
  /// Whether it begins like a compressed file and goes on otherwise.
  private let hasNoHeader: Bool

  init(_ path: FilePath) throws(FileError) {
    guard let created = archive_read_new() else { throw FileError(.open, path, .noMemory) }
    archive = created
    self.path = path
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_raw(archive)
    var entry: OpaquePointer?
    let isOpen = archive_read_open_filename(archive, path.string, FileReading.chunkSize) == ARCHIVE_OK
    // What is no zstd stream behind the magic fails at once; where the system failed, its own number says so.
    let number = archive_errno(archive)
    if !isOpen, number > 0, Errno(rawValue: number) != .illegalByteSequence {
      throw FileError(.open, path, Errno(rawValue: number))
    }
    hasNoHeader = !isOpen || archive_read_next_header(archive, &entry) != ARCHIVE_OK
  }

  deinit { archive_read_free(archive) }

  func read(into memory: UnsafeMutableRawBufferPointer) throws(RolloutError) -> Int {
    let count = hasNoHeader ? -1 : archive_read_data(archive, memory.baseAddress, memory.count)
    if count < 0 {
      throw .compression(path, reason: archive_error_string(archive).map { String(cString: $0) } ?? "")
    }
    return count
  }
}
