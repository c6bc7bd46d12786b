import CanonicalJSON
import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import Journal

/// A small home, and a transaction with every kind of operation on it.
///
/// The compressed rollout is put beside its original, grows, and its original is taken; another one grows and moves.
struct Scene {
  static let old = FileTime(seconds: 1_600_000_000, nanoseconds: 5)
  static let new = FileTime(seconds: 1_700_000_000, nanoseconds: 7)
  static let tail = "three\nfour\n"
  /// How many operations change files.
  static let fileOperations = 11

  let home: FilePath
  let journal: Journal
  let transaction = Transaction(
    id: "018bcfe5-6801-7707-8707-070707070707", createdAt: "2026-11-22T00:00:00Z", command: "sync",
    planDigest: nil,
    details: .null)
  let rows = MemoryRows()
  var threads = NamedThreads()

  init(_ folder: FilePath) throws {
    home = try folder.made("home")
    journal = Journal(root: folder.appending("journal"))
    try home.put("sessions/grown.jsonl", "one\ntwo\n", modified: Self.old)
    try home.put("sessions/packed.jsonl.zst", "packed", modified: Self.old)
    try home.put("sessions/cut.jsonl", "one\ntwo\nthree\n", modified: Self.new)
    try home.put("index.jsonl", "line a\n")
    _ = try home.made("archive")
    _ = try home.made("empty")
    rows.rows[["id": "old"]] = ["title": "before"]
  }

  var folder: FilePath { journal.folder(of: transaction.id) }

  /// Begins the transaction, with all content staged and all operations listed.
  func pending(
    _ watch: any TransactionWatch = Unwatched()
  ) throws -> (transaction: PendingTransaction, operations: [Operation]) {
    var pending = try journal.begin(transaction, watch: watch)
    let operations = try list(&pending)
    for operation in operations { pending.add(operation) }
    return (pending, operations)
  }

  private func list(_ pending: inout PendingTransaction) throws -> [Operation] {
    let sessions = home.appending("sessions")
    let grown = sessions.appending("grown.jsonl")
    let plain = sessions.appending("packed.jsonl")
    let original = sessions.appending("packed.jsonl.zst")
    let size: Int64 = 6
    let digest = try #require(try FileDigest.sha256(of: original, count: size))
    let taken = Operation.Content(name: pending.reserveName(), sha256: digest, size: size)
    let index = home.appending("index.jsonl")
    return [
      .makeFolder(sessions.appending("new")),
      .placeFile(sessions.appending("new/new.jsonl"), try stage("new\n", &pending, Self.new)),
      .placeFile(plain, try stage("one\ntwo\n", &pending, Self.old)),
      .takeFile(original, taken),
      .append(plain, try extent(8, Self.tail, &pending)),
      .append(grown, try extent(8, Self.tail, &pending)),
      .moveFile(grown, to: home.appending("archive/grown.jsonl")),
      .cut(sessions.appending("cut.jsonl"), try extent(8, "three\n", &pending)),
      .addLine(index, "line b"), .dropLine(index, "line a"), .removeFolder(home.appending("empty")),
      .row(RowChange(table: "threads", key: ["id": "new"], before: nil, after: ["title": "new"])),
      .row(
        RowChange(
          table: "threads", key: ["id": "old"], before: ["title": "before"], after: ["title": "after"])),
      .forgetDerived(rollout: "a rollout"),
    ]
  }

  private func stage(
    _ text: String, _ pending: inout PendingTransaction, _ modified: FileTime? = nil
  ) throws -> Operation.Content {
    var writer = try pending.content()
    try writer.write(Array(text.utf8))
    return try writer.finish(modified: modified)
  }

  func extent(
    _ start: Int64, _ text: String, _ pending: inout PendingTransaction
  ) throws -> Operation.Extent {
    Operation.Extent(
      start: start, content: try stage(text, &pending), modifiedWithout: Self.old, modifiedWith: Self.new)
  }

  /// Leaves what a crash leaves: the intent, the first operations, and perhaps the rows.
  @discardableResult
  func crash(after count: Int, rows withRows: Bool = false, status: Transaction.Status = .prepared) throws
    -> [Operation]
  {
    let operations = try pending().operations
    try crash(operations, after: count, rows: withRows, status: status)
    return operations
  }

  /// The same for operations whose content is staged already.
  func crash(
    _ operations: [Operation], after count: Int, rows withRows: Bool = false,
    status: Transaction.Status = .prepared
  ) throws {
    let lines = operations.map(\.json.bytes).reduce(into: [UInt8]()) { $0 += $1 + [0x0A] }
    try DurableFile.replace(folder.appending("operations.jsonl"), with: lines)
    var transaction = transaction
    transaction.status = status
    try journal.record(transaction)
    let executor = Executor(folder: folder)
    for operation in operations.prefix(count) { try executor.apply(operation) }
    if withRows { try rows.apply(changes(operations)) }
  }

  func changes(_ operations: [Operation]) -> [RowChange] {
    operations.compactMap { if case .row(let change) = $0 { change } else { nil } }
  }

  /// What the home holds: files with their text and time, folders, rows.
  func state() throws -> [String: String] {
    var state: [String: String] = [:]
    try collect(home, &state)
    for (key, row) in rows.rows { state["row \(key)"] = "\(row)" }
    return state
  }

  private func collect(_ folder: FilePath, _ state: inout [String: String]) throws {
    for name in try Folder.names(in: folder) {
      let path = folder.appending(name)
      let stamp = try #require(try FileStamp.of(path))
      if stamp.kind == .folder {
        state[path.string] = "folder"
        try collect(path, &state)
      } else {
        state[path.string] = try path.text() + (name == "index.jsonl" ? "" : "\(stamp.modified)")
      }
    }
  }

  func recover() throws -> [Recovery.Outcome] {
    try Recovery(journal: journal, rows: rows, threads: threads).run().map(\.outcome)
  }

  func status() throws -> Transaction.Status { try journal.transaction(transaction.id).status }

  /// Runs `body` with a scene in a folder of its own.
  static func with(_ body: (Scene) throws -> Void) throws {
    try withTemporaryFolder { try body(Scene($0)) }
  }

  /// What the home holds once the whole transaction is carried out.
  static func committed() throws -> [String: String] {
    try withTemporaryFolder { folder in
      let scene = try Scene(folder)
      var pending = try scene.pending().transaction
      try pending.run(scene.rows)
      return try scene.state().relative(to: scene.home)
    }
  }
}

extension [String: String] {
  /// The same state with paths relative to the home, to be compared with that of another home.
  func relative(to home: FilePath) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: map { key, value in
        (key.hasPrefix(home.string) ? String(key.dropFirst(home.string.count)) : key, value)
      })
  }
}

extension FilePath {
  /// Makes a folder below this one.
  func made(_ name: String) throws -> FilePath {
    let folder = appending(name)
    try Folder.create(folder)
    return folder
  }
}
