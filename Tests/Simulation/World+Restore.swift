import DurableFiles
import Journal
import Rollout
import SessionSync
import Sidecar
import SyncTestSupport
import SystemPackage

/// A home with what it owes, as it once was.
struct Backup {
  /// What of a home a backup brings back.
  enum Part: String, CaseIterable {
    case everything, codex, program, journal

    /// Whether a file or folder at the top of the home belongs to it; the journal is a folder in the program's.
    fileprivate func holds(_ name: String) -> Bool {
      switch self {
      case .everything: true
      case .codex: name != Backup.program
      case .program: name == Backup.program
      case .journal: false
      }
    }
  }

  fileprivate static let program = "session-sync"

  let machine: Int
  let folder: FilePath
  let ledger: Ledger
}

/// Backups, and what a restore leaves that brings back a part of a home.
extension World {
  /// Copies a home.
  func backUp(_ machine: Int, _ number: Int) throws -> Backup {
    note("\(machines[machine].name) makes a backup")
    let folder = folder.appending("backup-\(number)")
    try copy(machines[machine].home, to: folder)
    return Backup(machine: machine, folder: folder, ledger: ledgers[machine])
  }

  /// Puts a home, or a part of it, back as it was; what is missing then, the program's own check says.
  func restore(_ backup: Backup, _ part: Backup.Part = .everything) throws {
    let machine = backup.machine
    note("\(machines[machine].name) goes back to a backup of \(part.rawValue)")
    try replace(machines[machine].home, with: backup.folder, part.holds)
    if part == .journal {
      let place = { (root: FilePath) in root.appending(Backup.program) }
      try replace(place(machines[machine].home), with: place(backup.folder)) { $0 == "journal" }
    }
    let isBehind = try isJournalBehind(machine)
    let now = ledgers[machine]
    switch part {
    case .everything: ledgers[machine] = backup.ledger
    case .codex: ledgers[machine] = backup.ledger.remembering(as: now)
    case .program: ledgers[machine] = now.remembering(as: backup.ledger)
    case .journal:
      ledgers[machine].brought = backup.ledger.brought
      ledgers[machine].deeds = backup.ledger.deeds
      // What is missing in a home that is older than its sidecar was deleted by nobody.
      if isBehind { ledgers[machine].forgetNotes() }
    }
    try look(machine)
    if part == .program || part == .journal {
      ledgers[machine].hasLostJournal = true
      forgetMarkers(machine)
    }
    if !graves(machine).isEmpty { ledgers[machine].hasDeleted = true }
    try checkHealth(machine, isBehind: isBehind)
  }

  /// The threads that the program saw once and that are not here: it takes them for deleted.
  func graves(_ machine: Int) -> [ThreadID] {
    let view = views[machine]
    return ledgers[machine].notes.keys.filter { view.threads[$0] == nil && view.rows[$0] == nil }.sorted()
  }

  /// `sidecar-health` names what a restore took: threads that seem deleted, and threads that are shorter.
  private func checkHealth(_ machine: Int, isBehind: Bool) throws {
    let report = try health(machine)
    let name = machines[machine].name
    if isBehind, report.findings(of: .sidecarAgreesWithJournal).isEmpty {
      throw Violation("\(name): the journal went back behind the sidecar, and nothing is said")
    }
    let silent = Set(graves(machine)).subtracting(report.deleted)
    if !silent.isEmpty { throw Violation("\(name): nothing is said of \(silent.map(self.name))") }
    for thread in views[machine].sorted where !ledgers[machine].shrunk.contains(thread.id) {
      guard let head = thread.head, let old = ledgers[machine].notes[thread.id]?.first else { continue }
      // Shorter, or another one: neither went on from what it was.
      let isAnother = !old.isPrefix(of: head) && !thread.segments.contains { old.isPrefix(of: $0) }
      let isSaid = report.findings(of: .historiesOnlyGrow).contains { $0.subject == thread.id.text }
      if isAnother, !isSaid { throw Violation("\(name): nothing is said of \(self.name(thread.id))") }
    }
  }

  /// Branches of forks and sub-agents whose marker only the journal remembered are nobody's any more.
  private func forgetMarkers(_ machine: Int) {
    for thread in views[machine].threads.values {
      guard let root = closedRoots[thread.id], root != thread.id else { continue }
      if !thread.rollouts.contains(where: \.hasMarker) { blurred.insert(root) }
    }
  }

  /// Whether the sidecar knows of transactions that the journal does not.
  func isJournalBehind(_ machine: Int) throws -> Bool {
    guard let sidecar = try sidecar(machine) else { return false }
    let ids = try TransactionLog(home: home(machine)).list().map(\.id)
    return try !sidecar.transactions().isSubset(of: ids)
  }

  /// A copy of a machine's sidecar; nil where there is none.
  func sidecar(_ machine: Int) throws -> Sidecar? {
    let path = machines[machine].home.appending(Backup.program).appending("sidecar.sqlite")
    return try Sidecar(reading: path, scratch: surroundings(machine).scratch)
  }

  /// Gives a machine the origin of another, as copying a whole home to a new machine does.
  func cloneOrigin(from source: Int, to machine: Int) throws {
    let path = machines[source].home.appending(Backup.program).appending("origin")
    guard let origin = try FileReading.bytesIfPresent(of: path, limit: 100) else { return }
    note("\(machines[machine].name) has the origin of \(machines[source].name)")
    try machines[machine].home.put("session-sync/origin", origin)
  }

  private func replace(
    _ target: FilePath, with source: FilePath, _ isPart: (String) -> Bool
  ) throws {
    for name in try Folder.names(in: target) where isPart(name) {
      try Folder.removeTree(target.appending(name))
    }
    try copy(source, to: target, isPart)
  }

  private func copy(
    _ source: FilePath, to target: FilePath, _ isPart: (String) -> Bool = { _ in true }
  ) throws {
    try Folder.create(target)
    for name in try Folder.names(in: source) where isPart(name) {
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
