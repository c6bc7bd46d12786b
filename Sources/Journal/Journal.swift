import CanonicalJSON
import DurableFiles
import SystemPackage

/// The folder `journal/` with one folder a transaction.
///
/// Beside them lies `kept/`, what an undo needs of files that are no longer in the home. Nothing is ever erased from
/// either by a command that changes threads: undoing is a new transaction.
public struct Journal: Sendable {
  /// The folder.
  public let root: FilePath
  /// The home that the journal is of, as it is called now.
  public let home: FilePath?

  static let manifestName = "manifest.json"
  static let keptName = "kept"

  /// Names the folder; it need not exist.
  public init(root: FilePath, home: FilePath? = nil) {
    self.root = root
    self.home = home
  }

  /// All transactions, newest first.
  ///
  /// A folder without a readable manifest is none: its command never got as far as changing something.
  ///
  /// A transaction counts as rolled back, or partly, while another committed one undoes it. That is told by the other's
  /// manifest alone, so that no crash can leave the two in disagreement.
  public func transactions() throws(JournalError) -> [Transaction] {
    var found: [Transaction] = []
    var undoers: [String: [Transaction]] = [:]
    for name in try ids().reversed() {
      guard var transaction = try read(name) else { continue }
      transaction.settle(undoers[name] ?? [])
      if transaction.stands {
        for target in transaction.undoes { undoers[target, default: []].append(transaction) }
      }
      found.append(transaction)
    }
    return found
  }

  /// The ids of all transactions, and of folders that never became one.
  public func ids() throws(JournalError) -> [String] {
    // A desktop may leave files of its own in any folder.
    try withFiles { () throws(FileError) in try Folder.folders(in: root).filter { $0 != Self.keptName } }
  }

  /// A transaction's manifest as it stands, nil where there is none: that it was rolled back is told by another's.
  public func manifest(_ id: String) throws(JournalError) -> Transaction? { try read(id) }

  /// One transaction; reads those after it, of which one may have undone it.
  public func transaction(_ id: String) throws(JournalError) -> Transaction {
    guard let found = try transactions().first(where: { $0.id == id }) else { throw .unknownTransaction(id) }
    return found
  }

  /// How much of a transaction's file operation is to be seen.
  public func effect(of operation: Operation, in id: String) throws(JournalError) -> Effect {
    try Executor(folder: folder(of: id)).effect(of: operation)
  }

  /// The operations of a transaction, in the order they were carried out.
  ///
  /// Their paths are those of the home as it is called now: a home that was copied or moved has its journal with it,
  /// and that is about the files beside it, never about those of the original.
  public func operations(of id: String) throws(JournalError) -> [Operation] {
    try operations(of: id, manifest: try read(id))
  }

  /// The same of a transaction that was read already.
  public func operations(of transaction: Transaction) throws(JournalError) -> [Operation] {
    try operations(of: transaction.id, manifest: transaction)
  }

  private func operations(of id: String, manifest: Transaction?) throws(JournalError) -> [Operation] {
    let path = root.appending(id).appending("operations.jsonl")
    let bytes = try withFiles { () throws(FileError) in try FileReading.bytes(of: path, limit: 1 << 30) }
    if let digest = manifest?.operationsDigest, FileDigest.sha256(of: bytes) != digest {
      throw .malformed(path)
    }
    let relocation = Relocation(from: manifest?.home.map { FilePath($0) }, to: home)
    var operations: [Operation] = []
    for line in bytes.split(separator: 0x0A) {
      guard let json = try? JSONValue(parsing: Array(line)), let operation = Operation(json, relocation)
      else {
        throw .malformed(path)
      }
      operations.append(operation)
    }
    return operations
  }

  /// What a transaction remembers beside its manifest; nil where that is nothing.
  public func readNotes(of id: String) throws(JournalError) -> JSONValue? {
    let path = notes(of: id)
    let bytes = try withFiles { () throws(FileError) in
      try FileReading.bytesIfPresent(of: path, limit: 1 << 30)
    }
    guard let bytes else { return nil }
    guard let notes = try? JSONValue(parsing: bytes) else { throw .malformed(path) }
    return notes
  }

  func notes(of id: String) -> FilePath { folder(of: id).appending("notes.json") }

  /// The folder with a transaction's content files.
  public func folder(of id: String) -> FilePath { root.appending(id) }

  /// Replaces a transaction's manifest, durably.
  public func record(_ transaction: Transaction) throws(JournalError) {
    let path = folder(of: transaction.id).appending(Self.manifestName)
    try withFiles { () throws(FileError) in
      try DurableFile.replace(path, with: transaction.json.bytes + [0x0A])
    }
  }

  /// Records how far a transaction got; answers whether that is on disk for certain.
  ///
  /// A record that is there is good although flushing it failed: should it get lost, recovery comes to the same, as
  /// long as what recovery goes by was not tidied up.
  func settle(_ transaction: Transaction) throws(JournalError) -> Bool {
    do throws(JournalError) {
      try record(transaction)
      return true
    } catch {
      guard (try? manifest(transaction.id))?.status == transaction.status else { throw error }
      return false
    }
  }

  /// Begins a transaction: its folder is there, nothing is promised yet.
  public func begin(
    _ transaction: Transaction, watch: any TransactionWatch = Unwatched()
  ) throws(JournalError) -> PendingTransaction {
    let folder = folder(of: transaction.id)
    watch.willStage(in: folder)
    _ = try withFiles { () throws(FileError) in try Folder.createPrivate(folder) }
    var transaction = transaction
    transaction.home = home?.string
    return PendingTransaction(transaction, journal: self, watch: watch)
  }

  /// Whether a folder without a manifest holds nothing but what a crash left before there was one.
  ///
  /// Content that was taken out of the home shows that there was one: throws `.malformed`. What has other names in it
  /// is not ours.
  func isLitter(_ id: String) throws(JournalError) -> Bool {
    let folder = folder(of: id)
    let names = try withFiles { () throws(FileError) in try Folder.names(in: folder) }
    let files = [Self.manifestName, "operations.jsonl", "notes.json"]
    guard names.allSatisfy({ $0.hasPrefix("content-") || files.contains($0) || $0.hasSuffix(".new") }) else {
      return false
    }
    if names.contains("operations.jsonl") {
      for operation in try operations(of: id) where try wasCarriedOut(operation, in: id) {
        throw .malformed(folder.appending(Self.manifestName))
      }
    }
    return true
  }

  /// Whether something is no longer in the home because of an operation.
  private func wasCarriedOut(_ operation: Operation, in id: String) throws(JournalError) -> Bool {
    switch operation {
    case .takeFile(let path, let content):
      if try effect(of: operation, in: id) == .present { return true }
      let keeper = kept.appending(content.sha256)
      return try withFiles { () throws(FileError) in
        guard try FileStamp.of(path) == nil else { return false }
        return try FileStamp.of(keeper) != nil
      }
    case .cut: return try effect(of: operation, in: id) == .present
    default: return false
    }
  }

  private func read(_ id: String) throws(JournalError) -> Transaction? {
    let path = folder(of: id).appending(Self.manifestName)
    let bytes = try withFiles { () throws(FileError) in try FileReading.bytesIfPresent(of: path) }
    guard let bytes else { return nil }
    guard let json = try? JSONValue(parsing: bytes), let transaction = Transaction(json), transaction.id == id
    else {
      throw .malformed(path)
    }
    return transaction
  }
}
