import DurableFiles
import Glibc
import SystemPackage

/// Copies folders with all that a home's state consists of: bytes, modification times, permissions, and which names are
/// names of one file.
enum Tree {
  /// Puts a copy of a folder in place of what is at `target`.
  static func copy(_ folder: FilePath, to target: FilePath) throws {
    try Folder.removeTree(target)
    guard try FileStamp.of(folder) != nil else { return }
    var copies: [UInt64: FilePath] = [:]
    try copy(folder, to: target, &copies)
  }

  private static func copy(_ folder: FilePath, to target: FilePath, _ copies: inout [UInt64: FilePath]) throws
  {
    guard mkdir(target.string, 0o777) == 0 else { throw Errno(rawValue: errno) }
    for name in try Folder.names(in: folder) {
      let (path, copy) = (folder.appending(name), target.appending(name))
      guard let stamp = try FileStamp.of(path) else { continue }
      if stamp.kind == .folder {
        try Self.copy(path, to: copy, &copies)
      } else if let other = copies[stamp.inode] {
        guard link(other.string, copy.string) == 0 else { throw Errno(rawValue: errno) }
      } else {
        copies[stamp.inode] = copy
        let file = try ScratchFile(creating: copy)
        try file.write(try FileReading.bytes(of: path))
        file.setModified(stamp.modified)
        guard chmod(copy.string, try mode(path)) == 0 else { throw Errno(rawValue: errno) }
      }
    }
  }

  /// The permissions of what is at a path.
  static func mode(_ path: FilePath) throws -> mode_t {
    var info = stat()
    guard lstat(path.string, &info) == 0 else { throw Errno(rawValue: errno) }
    return info.st_mode & 0o7777
  }
}
