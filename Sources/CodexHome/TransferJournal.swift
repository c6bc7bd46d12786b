import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// The transfer tool's own journal, `transfer-journal/`: read, and never written.
///
/// One folder an installation, with `manifest.json` and `operations.jsonl`. Each rollout that it put into the home is
/// the target of an operation that would remove it or restore what was there before.
public enum TransferJournal {
  /// The threads that the tool installed and did not take away again.
  ///
  /// What cannot be read tells nothing.
  public static func threads(in home: CodexHome) throws(CodexHomeError) -> Set<ThreadID> {
    let root = home.root.appending("transfer-journal")
    let names = try withFiles { () throws(FileError) in try Folder.names(in: root) }
    return names.reduce(into: []) { found, name in found.formUnion(threads(installedBy: root.appending(name)))
    }
  }

  private static func threads(installedBy folder: FilePath) -> [ThreadID] {
    guard let manifest = json(folder.appending("manifest.json"))?.first,
      manifest["status"]?.string != "rolled_back"
    else { return [] }
    return (json(folder.appending("operations.jsonl"), isLines: true) ?? []).compactMap {
      operation -> ThreadID? in
      guard ["remove_created_file", "restore_file"].contains(operation["op"]?.string),
        let target = operation["target"]?.string
      else { return nil }
      return RolloutName(FilePath(target).lastComponent?.string ?? "")?.thread
    }
  }

  private static func json(_ path: FilePath, isLines: Bool = false) -> [JSONValue]? {
    guard let bytes = try? FileReading.bytesIfPresent(of: path) else { return nil }
    if isLines { return bytes.split(separator: 0x0A).compactMap { try? JSONValue(parsing: Array($0)) } }
    return (try? JSONValue(parsing: bytes)).map { [$0] }
  }
}
