import DurableFiles
import SyncTestSupport
import SystemPackage

/// A home with what it owes, as it once was.
struct Backup {
  let machine: Int
  let folder: FilePath
  let ledger: Ledger
}

/// Backups of homes, and what is copied from one to another.
extension World {
  /// Copies a home.
  func backUp(_ machine: Int, _ number: Int) throws -> Backup {
    note("\(machines[machine].name) makes a backup")
    let folder = folder.appending("backup-\(number)")
    try copy(machines[machine].home, to: folder)
    return Backup(machine: machine, folder: folder, ledger: ledgers[machine])
  }

  /// Puts a home back as it was.
  func restore(_ backup: Backup) throws {
    note("\(machines[backup.machine].name) goes back to a backup")
    try Folder.removeTree(machines[backup.machine].home)
    try copy(backup.folder, to: machines[backup.machine].home)
    ledgers[backup.machine] = backup.ledger
    try look(backup.machine)
  }

  /// Gives a machine the origin of another, as copying a whole home to a new machine does.
  func cloneOrigin(from source: Int, to machine: Int) throws {
    let path = machines[source].home.appending("session-sync").appending("origin")
    guard let origin = try FileReading.bytesIfPresent(of: path, limit: 100) else { return }
    note("\(machines[machine].name) has the origin of \(machines[source].name)")
    try machines[machine].home.put("session-sync/origin", origin)
  }

  private func copy(_ source: FilePath, to target: FilePath) throws {
    try Folder.create(target)
    for name in try Folder.names(in: source) {
      let (from, to) = (source.appending(name), target.appending(name))
      guard let stamp = try FileStamp.of(from) else { continue }
      if stamp.kind == .folder {
        try copy(from, to: to)
      } else {
        try target.put(name, try FileReading.bytes(of: from), modified: stamp.modified)
      }
    }
  }
}
