import DurableFiles
import SystemPackage

/// What is in a journal, as far as it takes to begin a run: which transactions there are, and which of them are open.
///
/// Its cost does not grow with what the transactions say: a manifest that was seen to be settled is not read again while
/// its stamp stands.
public struct JournalSurvey: Sendable {
  /// The ids of all transactions, and of folders that never became one; sorted, which is the order they were made in.
  public let ids: [String]
  /// The transactions that a crash left open, newest first.
  public let open: [Transaction]
  /// Folders of transactions that never reached a manifest.
  public let unbegun: [String]
  /// What can be added to the list of settled ones.
  let news: [SettledList.Entry]
  /// How many entries that list has, those that are no longer true included.
  let listed: Int

  /// The newest transaction; nil where there is none.
  var newest: String? { ids.last { !unbegun.contains($0) } }
}

extension Journal {
  /// Looks at all transactions.
  public func survey() throws(JournalError) -> JournalSurvey {
    let known = SettledList(reading: settledList)
    let ids = try ids()
    let stamps = try withFiles { () throws(FileError) in
      try Folder.stamps(of: Journal.manifestName, inFolders: ids, of: root)
    }
    var open: [Transaction] = []
    var unbegun: [String] = []
    var news: [SettledList.Entry] = []
    for (id, stamp) in zip(ids, stamps) {
      guard let stamp else {
        unbegun.append(id)
        continue
      }
      let entry = SettledList.Entry(id: id, stamp: stamp)
      if known.contains(entry) { continue }
      guard let transaction = try manifest(id) else {
        unbegun.append(id)
        continue
      }
      switch transaction.status {
      case .prepared, .applied: open.append(transaction)
      case .committed, .abandoned, .rolledBack, .partlyRolledBack: news.append(entry)
      }
    }
    return JournalSurvey(
      ids: ids, open: open.reversed(), unbegun: unbegun, news: news, listed: known.count)
  }

  /// What a crash left in the journal that no transaction needs: folders that never became one, content that the
  /// newest one is done with, files that were to replace others.
  ///
  /// Older transactions need not be looked at: each command recovers before it begins one.
  public func litter(_ survey: JournalSurvey) throws(JournalError) -> [FilePath] {
    var litter: [FilePath] = []
    for id in survey.unbegun where try isLitter(id) { litter.append(folder(of: id)) }
    guard let id = survey.newest, let newest = try manifest(id),
      newest.status == .committed || newest.status == .abandoned
    else { return litter }
    // What was taken out of the home may be all there is of it.
    let needless = Set(
      try operations(of: newest).filter { $0.keptContent == nil }.compactMap(\.content?.name))
    let folder = folder(of: id)
    for name in try withFiles({ () throws(FileError) in try Folder.names(in: folder) })
    where needless.contains(name) || (name.hasPrefix(".") && name.hasSuffix(".new")) {
      litter.append(folder.appending(name))
    }
    return litter
  }

  /// Remembers which transactions are settled, so that the next run need not read them; to be called under the run's
  /// lock.
  ///
  /// Failing at it costs time, no more.
  func remember(_ survey: JournalSurvey) {
    if survey.news.isEmpty { return }
    // Those of a home that was copied, or of a backup, are all true no more.
    if survey.listed > 2 * survey.ids.count + 100 { try? DurableFile.remove(settledList) }
    try? CacheFile.append(SettledList.bytes(survey.news), to: settledList)
  }

  private var settledList: FilePath { root.appending("settled") }
}

/// Which transactions were seen to be committed or abandoned, each by the stamp that its manifest had.
///
/// A manifest is replaced as a whole, so that another content has another inode and time: one that a backup brought
/// back, or that somebody edited, is read again.
struct SettledList {
  struct Entry: Hashable {
    let id: String
    let stamp: FileStamp

    /// One line of the file.
    fileprivate var text: String {
      let numbers = [
        Int64(bitPattern: stamp.inode), stamp.size, stamp.modified.seconds, stamp.modified.nanoseconds,
        stamp.changed.seconds, stamp.changed.nanoseconds,
      ]
      return "\(id) \(numbers.map { String($0, radix: 36) }.joined(separator: " "))"
    }
  }

  private let lines: Set<Substring>
  /// How many entries there are.
  let count: Int

  /// Reads the list; one that cannot be read is empty, and of a torn one the whole lines count.
  init(reading path: FilePath) {
    let bytes = (try? FileReading.bytesIfPresent(of: path)) ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    lines = Set(whole)
    count = whole.count
  }

  func contains(_ entry: Entry) -> Bool { lines.contains(entry.text[...]) }

  static func bytes(_ entries: [Entry]) -> [UInt8] { entries.flatMap { Array("\($0.text)\n".utf8) } }
}
