import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import Rollout
import Sidecar
import SystemPackage

/// One thread of the home as decisions see it: read, or as it was noted when it was read last.
struct LocalThread: Sendable {
  let entry: LocalEntry
  let note: ThreadNote

  var lineage: LineageThread { note.thread }
  var format: SessionMeta.Format { note.facts.format }
  /// Where the thread works on this machine.
  var cwd: String? { note.facts.localCwd }
  /// How many turns its history is of.
  var turnCount: Int? { note.facts.turns }
}

/// The threads of a home, and their rows.
struct LocalThreads {
  let home: CodexHome
  /// The catalogue; nil where it is missing, damaged or of an unknown generation.
  let catalogue: StateSnapshot?
  /// Why there is no catalogue.
  let catalogueProblem: String?
  let index: SessionIndex
  let files: ThreadFiles
  var entries: [ThreadID: LocalEntry] { files.entries }
  private let byRollout: [ThreadID: HomeRollout]
  let memory: Memory
  /// What was read as a thread's own.
  private var own: ScanCache
  /// What was read because another rollout goes on from it.
  private let bases: ScanCache

  /// Looks at a home, and at what is remembered of it; writes nothing.
  init(
    _ home: CodexHome, _ surroundings: Surroundings, cache: ScanCache = ScanCache()
  ) throws(SyncError) {
    self.home = home
    memory = try Memory(home, scratch: surroundings.scratch)
    own = cache
    bases = cache
    (catalogue, catalogueProblem) = try Self.readCatalogue(home, surroundings.scratch)
    index = try lift(SyncError.home) { () throws(CodexHomeError) in
      try SessionIndex(readingFrom: home.sessionIndex)
    }
    files = ThreadFiles(home, rows: catalogue?.threads ?? [:], memory)
    byRollout = files.byRollout
  }

  private static func readCatalogue(
    _ home: CodexHome, _ scratch: FilePath
  ) throws(SyncError) -> (StateSnapshot?, String?) {
    let found = try lift(SyncError.home) { () throws(CodexHomeError) in try home.stateDatabase() }
    guard let found else { return (nil, "missing") }
    guard found.generation == StateSnapshot.knownGeneration else { return (nil, "unknown_generation") }
    do throws(CodexHomeError) {
      let snapshot = try StateSnapshot(readingFrom: found.path, scratch: scratch)
      return snapshot.threadColumns.isEmpty ? (nil, "no_threads_table") : (snapshot, nil)
    } catch {
      if case .database = error { return (nil, "damaged") }
      throw .home(error)
    }
  }

  /// Whether an id is in use, by a file, by a row, or by a file that may lie where nobody can look.
  func isTaken(_ id: ThreadID) -> Bool {
    entries[id] != nil || byRollout[id] != nil || catalogue?.threads[id] != nil || isHidden(id)
  }

  /// Whether a thread that was seen once may lie where nobody can look.
  func isHidden(_ id: ThreadID) -> Bool { hiddenFile(of: id) != nil }

  /// The file of a thread that was seen once and may still lie where nobody can look.
  private func hiddenFile(of id: ThreadID) -> FilePath? {
    memory.files(of: id).map { home.root.pushing(FilePath($0.path)) }.first(where: files.isHidden)
  }

  /// A rollout of the home by its rollout id.
  func rollout(_ id: ThreadID) throws(RolloutError) -> RolloutScan? {
    guard let found = byRollout[id] else { return nil }
    return try bases.scan(found.path, found.name)
  }

  /// The same threads, of which what is read as their own is not kept; a base with many forks is still read once.
  func uncached() -> LocalThreads {
    var threads = self
    threads.own = ScanCache()
    return threads
  }

  /// What the user deleted here of the conversations with these lineage keys, as it was noted last.
  ///
  /// Gone are file and row. A row without its file is a loss; where there is no telling whether there is a row,
  /// nothing counts as deleted.
  func tombstones(_ keys: Set<RecordDigest>) throws(SyncError) -> [LineageThread] {
    var tombstones: [LineageThread] = []
    for id in try memory.noted(with: keys).sorted() where isDeleted(id) {
      if let note = try memory.lastNote(of: id) { tombstones.append(note.thread) }
    }
    return tombstones
  }

  /// Whether a run of ours saw a thread that the user deleted since.
  func isDeleted(_ id: ThreadID) -> Bool {
    let isRowKnown = catalogue != nil || catalogueProblem == "missing"
    return isRowKnown && memory.isNoted(id) && !isTaken(id)
  }

  /// The ids of threads that may share one of these lineage keys.
  ///
  /// Threads that are not noted as they are, and are in one file, are looked at up to their first history record
  /// only; those with bases or older segments always count.
  func possible(_ keys: Set<RecordDigest>) throws(SyncError) -> [ThreadID] {
    let noted = try memory.noted(with: keys)
    return entries.values.filter { entry in
      if memory.isFresh(entry) { return noted.contains(entry.id) }
      guard entry.rollouts.count == 1 else { return true }
      guard let peek = try? RolloutPeek(entry.head.path) else { return false }
      return peek.hasBase || peek.lineageKey.map(keys.contains) ?? false
    }.map(\.id).sorted()
  }

  /// A thread as it was noted, where that still holds; else it is read, bases and older segments included.
  func load(_ id: ThreadID) throws(RolloutError) -> LocalThread? {
    guard let entry = entries[id] else {
      guard let path = hiddenFile(of: id) else { return nil }
      throw .file(FileError(.open, path, .permissionDenied))
    }
    if memory.isFresh(entry), let note = try? memory.lastNote(of: id) {
      return LocalThread(entry: entry, note: note)
    }
    return LocalThread(entry: entry, note: try read(entry))
  }

  /// The file of a thread that nobody can read, where all that is left in it is the beginning of another history.
  ///
  /// Of a thread with several files the others may be needed, so that none of them is replaced.
  func unreadable(_ id: ThreadID, containedIn history: History) -> SessionWrite.UnreadableRollout? {
    guard let entry = entries[id], entry.rollouts.count == 1,
      let stamp = (try? FileStamp.of(entry.head.path)) ?? nil,
      History(RolloutSalvage.history(of: entry.head.path)).isPrefix(of: history)
    else { return nil }
    return SessionWrite.UnreadableRollout(rollout: entry.head, stamp: stamp)
  }

  /// The whole conversation of a thread, its bases resolved.
  func transcript(_ entry: LocalEntry) throws(RolloutError) -> Transcript {
    try Transcript(try own.scan(entry.head.path, entry.head.name), find: ownPlaces)
  }

  /// Where the next record of a thread goes; of one that is noted as it is, no more than its end is read.
  func ending(of thread: LocalThread) throws(RolloutError) -> RolloutEnding {
    let head = thread.entry.head
    if let place = thread.note.facts.lastHistory,
      let ending = try? RolloutEnding(head.path, name: head.name, format: thread.format, behind: place),
      thread.note.files.first?.matches(ending.stamp) == true
    {
      return ending
    }
    let own = try transcript(thread.entry)
    guard History(own.history) == thread.lineage.head else { throw .changed(head.path) }
    return try RolloutEnding(of: own)
  }

  /// Refuses a home of which a part is on a disk that is away: what is there would count as new or as deleted.
  func requireWhole() throws(SyncError) {
    try Workplace(home: home).requireReachable()
    if !files.away.isEmpty { throw .home(.away(files.away)) }
  }

  private func read(_ entry: LocalEntry) throws(RolloutError) -> ThreadNote {
    let transcript = try transcript(entry)
    var segments: [Transcript] = []
    var files = transcript.scans
    for older in entry.rollouts where older.name.rolloutID != entry.head.name.rolloutID {
      // A segment that cannot be read takes part in no decision; its records are in no thread that Codex shows.
      guard let scan = try? own.scan(older.path, older.name),
        let segment = try? Transcript(scan, find: ownPlaces)
      else { continue }
      segments.append(segment)
      files += segment.scans
    }
    let meta = transcript.head.meta
    let lineage = LineageThread(
      id: entry.id, marker: marker(entry.id, [transcript] + segments), isDeclaredFork: meta.isDeclaredFork,
      head: History(transcript.history), segments: segments.map { History($0.history) },
      turns: .init(open: transcript.facts.openTurn, ended: transcript.facts.endedTurn),
      created: Timestamp(meta.timestamp ?? "")?.milliseconds ?? .max)
    return ThreadNote(thread: lineage, facts: .init(transcript), files: noted(files, entry))
  }

  /// The files that were read, the head first; and those that could not be, so that the thread is read again until
  /// they can: what they refer to may only have been moved.
  private func noted(_ scans: [RolloutScan], _ entry: LocalEntry) -> [ThreadNote.File] {
    var files: [ThreadNote.File] = []
    for scan in scans {
      let path = home.relative(scan.path)
      if !files.contains(where: { $0.path == path }) { files.append(.init(path: path, stamp: scan.stamp)) }
    }
    for rollout in entry.rollouts {
      let path = home.relative(rollout.path)
      if !files.contains(where: { $0.path == path }) { files.append(.init(unread: path)) }
    }
    return files
  }

  /// The marker of the head, else of an older segment, else what the journal remembers; one that is another
  /// conversation's counts for nothing.
  private func marker(_ id: ThreadID, _ transcripts: [Transcript]) -> Marker? {
    let keys = Set(transcripts.compactMap(\.lineageKey))
    let found = transcripts.map { Marker($0.head.meta.marker) } + [memory.markers[id]]
    return found.compactMap(\.self).first { keys.contains($0.lineageKey) }
  }
}

extension ThreadNote.Facts {
  /// The transfer tool localises `session_meta` but no settings record: one that names a folder of another kind of
  /// machine says nothing here.
  init(_ transcript: Transcript) {
    let meta = transcript.head.meta
    let latest = transcript.facts.cwd(meta)
    let isHere = latest.map { FilePath($0).isAbsolute } ?? false
    self.init(
      format: meta.format, firstCwd: meta.cwd, localCwd: isHere ? latest : meta.cwd,
      lastHistory: transcript.lastHistory, turns: transcript.turnCount(of: transcript.history.count))
  }
}

extension SessionMeta {
  /// Whether Codex itself says that the thread belongs to another: a fork, or a sub-agent.
  var isDeclaredFork: Bool { forkedFrom != nil || isSubagent }
}

extension String {
  func dropSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

extension FilePath {
  /// The rollout that the file is by its name.
  ///
  /// Legacy threads may be in files with names of other forms, as long as those end in the id.
  var rolloutName: RolloutName? {
    lastComponent.flatMap { RolloutName($0.string) ?? RolloutName(endingInIDs: $0.string) }
  }
}
