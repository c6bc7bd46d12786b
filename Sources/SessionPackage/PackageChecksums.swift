import CanonicalJSON
import DurableFiles

/// The content of `metadata/checksums.json`: length and SHA-256 of each file, by its path in the package.
struct PackageChecksums: Sendable {
  var files: [String: FileChecksum] = [:]

  init(_ files: [String: FileChecksum] = [:]) { self.files = files }

  /// Reads the file's content; nil where it is not of this form.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes), value["algorithm"]?.string == "sha256",
      let members = value["files"]?.members
    else { return nil }
    for member in members {
      guard let size = member.value["size"]?.integer, let hex = member.value["sha256"]?.string
      else { return nil }
      files[member.key] = FileChecksum(size: size, sha256: hex.lowercased())
    }
  }

  /// The file's content.
  var value: JSONValue {
    [
      "algorithm": "sha256",
      "files": .object(
        files.sorted { $0.key < $1.key }.map { path, digest in
          .init(path, ["sha256": .string(digest.sha256), "size": .integer(digest.size)])
        }),
    ]
  }

  /// Checks the metadata files, all of which must be there and intact.
  func checkMetadata(of tree: PackageTree) throws(PackageError) {
    for (path, digest) in files.sorted(by: { $0.key < $1.key }) where PackageLayout.isMetadata(path) {
      guard let file = tree.files[path] else { throw .checksumMismatch(path: path) }
      let found = try attempt { () throws(FileError) in try FileChecksum(of: file) }
      guard found == digest else { throw .checksumMismatch(path: path) }
    }
  }
}
