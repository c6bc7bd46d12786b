import CanonicalJSON
import DurableFiles
import SystemPackage

/// Why a package was refused, or could not be written.
///
/// Facts only: the executable words them.
public enum PackageError: Error, Equatable, Sendable {
  /// A file operation failed.
  case file(FileError)
  /// Nothing is at the path.
  case notFound(FilePath)
  /// What is at the path is neither a folder nor an archive of a kind that is read.
  case notAPackage(FilePath)
  /// The archive cannot be read to its end; the reason is libarchive's.
  case damagedArchive(FilePath, reason: String)
  /// The archive is whole, and cannot be read here.
  case unreadableArchive(FilePath, ArchiveObstacle)
  /// The archive cannot be written; the reason is libarchive's.
  case archiveNotWritten(FilePath, reason: String)
  /// An entry that no package holds; the name is as the archive or folder spells it.
  case unsafeEntry(name: String, PackageDanger)
  /// A limit was passed, at the named entry.
  case overLimit(PackageLimits.Kind, limit: Int64, entry: String)
  /// There is no `package_manifest.json`.
  case missingManifest
  /// There are several, each in a folder of its own: the folders' names, sorted.
  case severalPackages([String])
  /// The manifest is not JSON.
  case malformedManifest(JSONSyntaxError)
  /// The manifest is JSON, but no object.
  case manifestNotAnObject
  /// `package_kind` is missing (nil) or another one.
  case wrongKind(found: JSONValue?)
  /// `format_version` is missing (nil), no positive integer, or newer than this program knows.
  case unsupportedVersion(found: JSONValue?)
  /// A metadata file is not what `metadata/checksums.json` says.
  case checksumMismatch(path: String)
  /// The folder to write into has something in it.
  case targetNotEmpty(FilePath)
  /// Something is where the archive is to be written, or a file where the folder is to be.
  case targetExists(FilePath)
  /// The package is to be written where Codex, or this program, keeps what is its own: its files would be taken for
  /// sessions, or skills, of the home.
  case targetInHome(FilePath)
  /// There is no folder of this name to write an archive into.
  case targetFolderMissing(FilePath)
}

/// Why an archive that is whole cannot be read.
public enum ArchiveObstacle: Equatable, Sendable {
  /// It wants a password.
  case encrypted
  /// Its compression is none that is read here, as libarchive says.
  case method(String)
}

/// What makes an entry of a package unsafe.
public enum PackageDanger: String, Sendable {
  /// A name that could leave its folder, or that is no plain text: absolute, `..`, a backslash, control bytes.
  case name
  case symbolicLink, hardLink
  /// A device, a FIFO, a socket.
  case special
  /// A second file of the same name.
  case duplicate
}

/// Runs file operations, their errors turned into errors of packages.
func attempt<Result: ~Copyable>(
  _ body: () throws(FileError) -> Result
) throws(PackageError) -> Result {
  do throws(FileError) {
    return try body()
  } catch {
    throw .file(error)
  }
}
