import DurableFiles
import SystemPackage

/// Runs `body` with an empty folder of its own, and removes the folder afterwards.
public func withTemporaryFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
  let folder = try makeTemporaryFolder()
  defer { try? Folder.removeTree(folder) }
  return try body(folder)
}

/// Runs `body` with an empty folder of its own, and removes the folder afterwards.
public func withTemporaryFolder<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: (FilePath) async throws -> Result
) async throws -> Result {
  let folder = try makeTemporaryFolder()
  defer { try? Folder.removeTree(folder) }
  return try await body(folder)
}

private func makeTemporaryFolder() throws -> FilePath {
  let folder = FilePath("/tmp/codex-session-sync-test-\(UInt64.random(in: 0...UInt64.max))")
  try Folder.create(folder)
  return folder
}

extension FilePath {
  /// Makes a folder below this one.
  public func made(_ name: String) throws -> FilePath {
    let folder = appending(name)
    try Folder.create(folder)
    return folder
  }

  /// Writes a file below this folder, with the folders it needs; answers its path.
  @discardableResult
  public func put(_ path: String, _ bytes: [UInt8], modified: FileTime? = nil) throws -> FilePath {
    let file = pushing(FilePath(path))
    try Folder.create(file.removingLastComponent())
    try DurableFile.remove(file)
    var writer = try FileWriter(creating: file)
    try writer.write(bytes)
    try writer.finish(modified: modified)
    return file
  }

  /// Writes a text file below this folder, with the folders it needs; answers its path.
  @discardableResult
  public func put(_ path: String, _ text: String, modified: FileTime? = nil) throws -> FilePath {
    try put(path, Array(text.utf8), modified: modified)
  }

  /// The text of this file.
  public func text() throws -> String {
    String(decoding: try FileReading.bytes(of: self), as: UTF8.self)
  }

  /// The lines of this file without their newlines; an incomplete last one counts.
  public func lines() throws -> [[UInt8]] {
    var lines = try FileReading.bytes(of: self).split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map(Array.init)
  }
}
