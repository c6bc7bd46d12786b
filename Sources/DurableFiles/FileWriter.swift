import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a new file in steps; its bytes are durable once `finish` returned, its name once its folder was flushed.
///
/// A writer that ends without `finish` leaves a partial file, which its owner removes.
public struct FileWriter: ~Copyable {
  private let file: OpenFile
  private let isDurable: Bool
  private var buffer: [UInt8] = []

  /// Bytes written so far.
  public private(set) var count: Int64 = 0

  /// Creates the file, which must not exist, with `mode` less the umask.
  ///
  /// - Parameter isDurable: whether `finish` waits for the disk; not for what lies in a scratch folder.
  public init(
    creating path: FilePath, mode: AccessMode = .privateFile, isDurable: Bool = true
  ) throws(FileError) {
    self.isDurable = isDurable
    file = try OpenFile(creating: path, permissions: mode.mode)
    buffer.reserveCapacity(FileReading.chunkSize)
  }

  /// Writes the next bytes.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes[...]) }

  /// Writes the next bytes.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    count += Int64(bytes.count)
    if buffer.count + bytes.count > FileReading.chunkSize { try flush() }
    if bytes.count > FileReading.chunkSize {
      try file.write(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Ends the file: all bytes, and its time if one is given, are on disk.
  public mutating func finish(modified: FileTime? = nil) throws(FileError) {
    try flush()
    if let modified { file.setModified(modified) }
    if isDurable { try file.sync() }
  }

  func setMode(_ mode: AccessMode) { file.setMode(mode) }

  private mutating func flush() throws(FileError) {
    if buffer.isEmpty { return }
    try file.write(buffer[...])
    buffer.removeAll(keepingCapacity: true)
  }
}
