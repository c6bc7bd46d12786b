import DurableFiles
import SystemPackage

/// Runs `body` with an empty folder of its own, and removes the folder afterwards.
func withScratch(_ body: (FilePath) throws -> Void) throws {
  let folder = FilePath("/tmp/session-package-tests-\(UInt64.random(in: 0...UInt64.max))")
  _ = try Folder.create(folder)
  defer { try? Folder.removeTree(folder) }
  try body(folder)
}

extension FilePath {
  /// Makes a folder below this one.
  func made(_ name: String) throws -> FilePath {
    let folder = appending(name)
    _ = try Folder.create(folder)
    return folder
  }

  /// Writes a file below this folder, with the folders it needs.
  func put(_ path: String, _ text: String, modified: FileTime? = nil) throws {
    let file = pushing(FilePath(path))
    _ = try Folder.create(file.removingLastComponent())
    var writer = try FileWriter(creating: file)
    try writer.write(Array(text.utf8))
    try writer.finish(modified: modified)
  }

  /// The text of a file.
  func text() throws -> String {
    String(decoding: try FileReading.bytes(of: self), as: UTF8.self)
  }
}
