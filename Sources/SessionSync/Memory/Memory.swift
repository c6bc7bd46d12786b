import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// What is remembered of a home's threads: by the sidecar, as far as the journal has gone on since by the journal.
///
/// Where there is no sidecar, or none that can be read, the journal tells all but what only notes can: which threads
/// were deleted, and which were longer before.
struct Memory {
  private let sidecar: Sidecar
  private let home: CodexHome
  /// The markers of the branches that were made here.
  let markers: [ThreadID: Marker]
  private let noted: [ThreadID: [ThreadNote.File]]

  /// Looks, and writes nothing.
  init(_ home: CodexHome, scratch: FilePath) throws(SyncError) {
    let workplace = Workplace(home: home)
    let replay = try lift(SyncError.journal) { () throws(JournalError) in try JournalReplay(workplace.journal)
    }
    let found = try lift(SyncError.sidecar) { () throws(SidecarError) in
      try Sidecar(reading: workplace.sidecar, scratch: scratch)
    }
    if let found, try replay.isDone(in: found) {
      try self.init(home, found)
      return
    }
    let copy = try lift(SyncError.sidecar) { () throws(SidecarError) in
      if let found { return try found.inMemory() }
      return try Sidecar.inMemory()
    }
    try replay.run(into: copy)
    try self.init(home, copy)
  }

  private init(_ home: CodexHome, _ sidecar: Sidecar) throws(SyncError) {
    self.home = home
    self.sidecar = sidecar
    (markers, noted) = try lift(SyncError.sidecar) { () throws(SidecarError) in
      (try sidecar.markers(), try sidecar.notedFiles())
    }
  }

  /// Whether a thread was written or adopted here.
  func isInLineage(_ id: ThreadID) throws(SyncError) -> Bool {
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.isInLineage(id) }
  }

  /// Whether a column of a thread's row still has what was written into it; what differs is the user's own doing.
  func isUntouched(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = try? sidecar.writtenColumn(column, of: id) else { return false }
    return written == row[column]
  }

  /// Whether the user gave a column of a thread's row another value than was written into it.
  func isChanged(_ column: String, of id: ThreadID, in row: JSONValue) -> Bool {
    guard let written = try? sidecar.writtenColumn(column, of: id), let current = row[column] else {
      return false
    }
    return written != current
  }

  /// What earlier deliveries from an origin left; nothing where the package does not say where it is from.
  func deliveries(from origin: String?) throws(SyncError) -> EarlierDeliveries {
    guard let origin else { return EarlierDeliveries() }
    return try lift(SyncError.sidecar) { () throws(SidecarError) in
      EarlierDeliveries(
        mappings: try sidecar.mappings(from: origin), paths: try sidecar.pathMappings(from: origin),
        isTrusted: try sidecar.isTrusted(origin))
    }
  }

  /// The deliveries of a history, or of its beginning, that undoings met, the last to be met first.
  func undoneDeliveries(of history: History) throws(SyncError) -> [Sidecar.UndoneDelivery] {
    guard let key = history.lineageKey else { return [] }
    return try lift(SyncError.sidecar) { () throws(SidecarError) in
      try sidecar.undoneDeliveries(of: key)
    }.filter { SyncBase(length: $0.baseLength, prefixDigest: $0.baseDigest).isBeginning(of: history) }
  }

  /// Where the bytes that a cut of another machine's rollout ends with may lie here.
  func sources(
    of cut: SessionMeta.HistoryBase
  ) throws(SyncError) -> [(rollout: ThreadID, run: SourceRun)] {
    try lift(SyncError.sidecar) { () throws(SidecarError) in
      try sidecar.sources(of: cut.rollout, at: cut.endOffset)
    }
  }

  /// The threads that were noted under these lineage keys.
  func noted(with keys: Set<RecordDigest>) throws(SyncError) -> Set<ThreadID> {
    try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.noted(with: keys) }
  }

  /// The threads that a run of ours saw once.
  var notedThreads: Set<ThreadID> { Set(noted.keys) }

  /// Whether a run of ours saw the thread once.
  func isNoted(_ id: ThreadID) -> Bool { noted[id] != nil }

  /// The files of a thread as they were noted last; none where it was never seen.
  func files(of id: ThreadID) -> [ThreadNote.File] { noted[id] ?? [] }

  /// What was noted of a thread last, whatever became of it.
  func lastNote(of id: ThreadID) throws(SyncError) -> ThreadNote? {
    guard isNoted(id) else { return nil }
    return try lift(SyncError.sidecar) { () throws(SidecarError) in try sidecar.note(of: id) }
  }

  /// Whether a thread's files are those that were noted, so that none of them has to be read.
  func isFresh(_ entry: LocalEntry) -> Bool {
    guard let files = noted[entry.id], files.first?.path == home.relative(entry.head.path) else {
      return false
    }
    let known = Set(files.map(\.path))
    return entry.rollouts.allSatisfy { known.contains(home.relative($0.path)) }
      && files.allSatisfy { $0.matches((try? FileStamp.of(home.root.pushing(FilePath($0.path)))) ?? nil) }
  }
}

/// What is remembered of an origin.
struct EarlierDeliveries {
  /// Where its sessions went, and the history that both sides had then.
  var mappings: [ThreadID: Sidecar.Mapping] = [:]
  /// What the user said of its paths.
  var paths: [PathMap.Prefix] = []
  /// Whether the user said that it is a machine of his.
  var isTrusted = false
}

extension CodexHome {
  /// A path of the home as notes name it.
  func relative(_ path: FilePath) -> String {
    var path = path
    return path.removePrefix(root) ? path.string : path.string
  }
}
