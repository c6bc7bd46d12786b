import DurableFiles
import Journal
import Rollout
import SessionSync
import SyncTestSupport
import SystemPackage

/// A home with what it owes, as it once was.
struct Backup {
  let machine: Int
  let folder: FilePath
  let ledger: Ledger
}

/// Ways back: rollback, backups, recovery.
extension World {
  /// The transactions of a machine that can be undone, newest first.
  func transactions(_ machine: Int) throws -> [String] {
    try TransactionLog(home: home(machine)).list().filter { $0.status == .committed }.map(\.id)
  }

  /// Undoes a transaction, if the program does not refuse; what came later has to stay.
  func rollBack(_ machine: Int, _ transaction: String) throws {
    let oldestFirst = try Array(TransactionLog(home: home(machine)).list().reversed())
    let number = oldestFirst.firstIndex { $0.id == transaction }.map { "\($0 + 1)" } ?? "?"
    note("\(machines[machine].name) rolls back its transaction \(number)")
    let untouched = try stamps(machine)
    let rollback = Rollback(home: try home(machine), surroundings: try surroundings(machine))
    let before = views[machine]
    let result: Rollback.Result
    do {
      let shown = try rollback.plan(.id(transaction))
      try expectUntouched(machine, since: untouched, "a dry run of a rollback")
      result = try rollback.execute(.id(transaction))
      guard shown.effects == result.plan.effects, shown.kept == result.plan.kept else {
        throw Violation("a rollback did something else than it said")
      }
    } catch SyncError.laterTransactions, SyncError.notUndoable {
      note("  refused")
      return try expectUntouched(machine, since: untouched, "a rollback that was refused")
    }
    note("  kept \(result.plan.kept.map { "\(name($0.thread)): \($0.reason.text)" })")
    let brought = ledgers[machine].brought[transaction] ?? []
    ledgers[machine].owed.subtract(brought)
    try look(machine)
    // A rollback leaves no tombstone, and what it cuts off nobody misses.
    for id in Set(before.threads.keys).union(before.rows.keys) {
      let thread = views[machine].threads[id]
      let isGone = thread == nil && views[machine].rows[id] == nil
      if isGone || thread?.head != before.threads[id]?.head { ledgers[machine].notes[id] = nil }
    }
    let present = views[machine].present
    ledgers[machine].owed.formUnion(present.intersection(before.present))
    if let undoing = result.transaction {
      ledgers[machine].brought[undoing] = present.subtracting(before.present)
      remember(machine)
    }
    try look(machine)
  }

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
