import DurableFiles
import SystemPackage

/// What an undo needs of files that are no longer in the home: `kept/`, once each, by content.
extension Journal {
  /// The folder of what is kept, each file named by its SHA-256.
  public var kept: FilePath { root.appending(Self.keptName) }

  /// Where something is that a transaction took out of the home; nil where it was forgotten.
  public func file(of content: Operation.Content, in id: String) throws(JournalError) -> FilePath? {
    let places = [kept.appending(content.sha256), folder(of: id).appending(content.name)]
    return try withFiles { () throws(FileError) in
      for place in places where try FileStamp.of(place) != nil { return place }
      return nil
    }
  }

  /// What a transaction keeps for its undoing.
  public func keptContents(of id: String) throws(JournalError) -> [Operation.Content] {
    try operations(of: id).compactMap(\.keptContent)
  }

  /// Removes what a transaction needs no more now that it is done, and moves what an undo needs to its place.
  ///
  /// A crash before that leaves it in the transaction's own folder, where it is found too.
  func tidy(_ id: String, _ operations: [Operation]) throws(JournalError) {
    let kept = operations.compactMap(\.keptContent)
    try discardContents(of: operations, in: id, keeping: Set(kept.map(\.name)))
    try withFiles { () throws(FileError) in
      for content in kept { try keep(content, folder(of: id).appending(content.name)) }
    }
  }

  private func keep(_ content: Operation.Content, _ file: FilePath) throws(FileError) {
    // A name that promises other bytes would be worse than a second copy.
    guard try holds(file, content) else { return }
    let target = kept.appending(content.sha256)
    if try FileStamp.of(target) != nil {
      if try holds(target, content) { return try DurableFile.remove(file) }
      // A backup that was restored in part.
      try DurableFile.remove(target)
    }
    try Folder.createPrivate(kept)
    try DurableFile.move(file, to: target)
  }

  private func holds(_ file: FilePath, _ content: Operation.Content) throws(FileError) -> Bool {
    guard try FileStamp.of(file)?.size == content.size else { return false }
    return try FileDigest.sha256(of: file, count: content.size) == content.sha256
  }

  /// Removes content files of a transaction.
  func discardContents(
    of operations: [Operation], in id: String, keeping: Set<String> = []
  ) throws(JournalError) {
    let names = operations.compactMap(\.content?.name).filter { !keeping.contains($0) }
    let files = names.map { folder(of: id).appending($0) }
    try withFiles { () throws(FileError) in try DurableFile.remove(files) }
  }

  /// Forgets what undoing some transactions would need; what others need as well stays.
  ///
  /// That they are forgotten is durable before anything is removed.
  public func forget(_ transactions: [Transaction]) throws(JournalError) {
    for var transaction in transactions {
      guard let manifest = try manifest(transaction.id) else { continue }
      transaction = manifest
      transaction.isForgotten = true
      try record(transaction)
    }
    let ids = Set(transactions.map(\.id))
    var needed: Set<String> = []
    var forgotten: Set<String> = []
    for transaction in try self.transactions() {
      let contents = try keptContents(of: transaction.id)
      if transaction.isForgotten {
        forgotten.formUnion(contents.map(\.sha256))
      } else {
        needed.formUnion(contents.map(\.sha256))
      }
      if ids.contains(transaction.id) {
        try discardContents(of: operations(of: transaction.id), in: transaction.id)
      }
    }
    let files = forgotten.subtracting(needed).sorted().map { kept.appending($0) }
    try withFiles { () throws(FileError) in try DurableFile.remove(files) }
  }
}

extension Operation {
  /// The content file that the operation has in its transaction's folder, before or after.
  var content: Content? {
    switch self {
    case .placeFile(_, let content), .takeFile(_, let content): content
    case .append(_, let extent), .cut(_, let extent): extent.content
    default: nil
    }
  }

  /// What an undo of the operation needs.
  public var keptContent: Content? {
    switch self {
    case .takeFile(_, let content): content
    case .cut(_, let extent): extent.content
    default: nil
    }
  }
}
