import CanonicalJSON
import SessionPackage
import SessionSync

extension Failure {
  /// Words what is wrong with a package.
  init(_ error: PackageError) {
    let refused = { (code: String, message: String, hint: String) in
      Failure(code: code, message: message, hint: hint, status: .refused)
    }
    let again = "Ask for the package again; nothing was written."
    self =
      switch error {
      case .file(let error): Failure(error)
      case .notFound(let path):
        refused("no_package", "There is nothing at \(path).", "Check the path of the package.")
      case .notAPackage(let path):
        refused(
          "not_a_package", "\(path) is neither a folder nor an archive that is read here.",
          "Packages are folders, .zip, .tar, .tar.gz or .tar.zst.")
      case .damagedArchive(let path, let reason):
        refused("damaged_archive", "The archive \(path) cannot be read: \(reason)", again)
      case .unreadableArchive(let path, .encrypted):
        refused(
          "encrypted_archive", "The archive \(path) wants a password.",
          "Unpack it yourself and give the folder.")
      case .unreadableArchive(let path, .method(let reason)):
        refused(
          "unsupported_compression",
          "The archive \(path) is compressed in a way that is not read here: \(reason)",
          "Unpack it yourself and give the folder.")
      case .archiveNotWritten(let path, let reason):
        Failure(
          code: "archive_not_written", message: "The archive \(path) could not be written: \(reason)",
          hint: "Check the folder and the space left.", status: .failed)
      case .unsafeEntry(let name, let danger):
        refused(
          "unsafe_package", "The package holds a dangerous entry (\(danger.words)): \(name)",
          "Do not use it. A package made by packup holds plain files and folders only.")
      case .overLimit(let kind, let limit, let entry):
        refused(
          "over_limit", "The package holds more than \(kind.words(limit)) at \(entry)",
          "It may be a decompression bomb. Unpack it yourself and give the folder if you trust it.")
      case .missingManifest:
        refused(
          "no_manifest", "The package has no package_manifest.json.",
          "Give the folder that holds package_manifest.json.")
      case .severalPackages(let names):
        refused(
          "several_packages", "There are \(names.count) packages in it: \(names.joined(separator: ", "))",
          "Give them one after the other; unpack an archive first.")
      case .malformedManifest(let error):
        refused(
          "malformed_manifest",
          "package_manifest.json is not JSON: \(error.words).", again)
      case .manifestNotAnObject:
        refused("malformed_manifest", "package_manifest.json is not a JSON object.", again)
      case .wrongKind(let found):
        refused(
          "wrong_kind", "The package is of another kind: \(found.map(Self.text) ?? "it does not say which").",
          "Packages of sessions say session-skill-package.")
      case .unsupportedVersion(let found):
        refused(
          "unsupported_version",
          "The package has format version \(found.map(Self.text) ?? "none"); this program reads 1.",
          "Install a newer codex-session-sync.")
      case .checksumMismatch(let path):
        refused("checksum_mismatch", "\(path) is not what the package's checksums say.", again)
      case .targetNotEmpty(let path):
        Failure(
          code: "target_not_empty", message: "The folder \(path) has something in it.",
          hint: "Give a new folder; nothing is ever overwritten.", status: .failed)
      case .targetExists(let path):
        Failure(
          code: "target_exists", message: "\(path) exists already.",
          hint: "Give another name; nothing is ever overwritten.", status: .failed)
      case .targetInHome(let path):
        Failure(
          code: "target_in_home", message: "\(path) is among the sessions or skills of the home.",
          hint: "Give another place: what lies there Codex takes for its own.", status: .failed)
      case .targetFolderMissing(let path):
        Failure(
          code: "no_target_folder", message: "There is no folder \(path) to write the package into.",
          hint: "Make it first, or give another place.", status: .failed)
      }
  }

  private static func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }
}

extension PackageDanger {
  fileprivate var words: String {
    switch self {
    case .name: "its name leaves the folder"
    case .symbolicLink: "a symbolic link"
    case .hardLink: "a hard link"
    case .special: "no plain file"
    case .duplicate: "a name that comes twice"
    }
  }
}

extension PackageLimits.Kind {
  fileprivate func words(_ limit: Int64) -> String {
    switch self {
    case .entries: "\(limit) files and folders"
    case .totalBytes: "\(Wording.bytes(limit)) unpacked"
    case .fileBytes: "\(Wording.bytes(limit)) in one file"
    case .metadataBytes: "\(Wording.bytes(limit)) of metadata in one file"
    case .metadataValues: "\(limit) values in its metadata"
    case .sessions: "\(limit) sessions"
    case .nameBytes: "\(limit) bytes in one name"
    case .nameBytesTogether: "\(Wording.bytes(limit)) of names"
    case .depth: "\(limit) folders in each other"
    case .compressionRatio: "\(limit) times what the archive takes"
    }
  }
}

extension JSONSyntaxError {
  /// What is wrong, and where.
  var words: String {
    let reason =
      switch self.reason {
      case .unexpectedByte: "something unexpected"
      case .unexpectedEnd: "it ends too early,"
      case .trailingBytes: "something behind its end"
      case .invalidEscape: "an escape that there is not"
      case .controlInString: "a control character in a string"
      case .invalidNumber: "no number"
      case .invalidUTF8: "no UTF-8"
      case .tooDeep: "nested too deeply"
      case .tooLong: "too long"
      }
    return "\(reason) at byte \(offset)"
  }
}
