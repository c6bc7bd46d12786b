import Journal
import SessionPackage
import SessionSync
import Sidecar

/// What `--version` says: the program's, and of each form that it writes.
enum Version {
  static let number = "0.1.0"
  static let text = """
    codex-session-sync \(number)
    reports \(Report.schema), packages \(PackageManifest.formatVersion), journal \(Transaction.formatVersion), \
    sidecar \(Sidecar.schemaVersion)
    """
}
