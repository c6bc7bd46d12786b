import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SystemPackage

/// Carries a plan out as one transaction.
struct Applier {
  let home: CodexHome
  let journal: Journal
  let surroundings: Surroundings

  enum Outcome {
    case done(String)
    /// A thread got loaded by Codex since the plan was made.
    case busy(ThreadID)
  }

  func apply(_ plan: SyncPlan) throws(SyncError) -> Outcome {
    let writes = plan.sessions.compactMap(\.write)
    let locks = try lift(SyncError.home) { () throws(CodexHomeError) in
      try WriterLocks(home).acquire(writes.map(\.thread))
    }
    // One that takes no locks may have come since the plan was made.
    if let thread = writes.first(where: \.isOfLocalFile)?.thread, try !ThreadLocks.takers(of: home).isEmpty {
      return .busy(thread)
    }
    guard case .held(let held) = locks else {
      if case .busy(let thread) = locks { return .busy(thread) }
      return .done("")
    }
    defer { _ = held }
    let workplace = Workplace(home: home)
    try workplace.requireSpace(for: plan.neededBytes)
    let id = try workplace.nextTransactionID(surroundings)
    let transaction = Transaction(
      id: id, createdAt: surroundings.now.text, command: "sync", planDigest: plan.digest,
      details: details(plan))
    var pending = try lift(SyncError.journal) { () throws(JournalError) in
      try journal.begin(transaction, watch: surroundings.watch)
    }
    do throws(SyncError) {
      try stage(plan, writes, &pending)
      pending.note(sources(writes))
    } catch {
      pending.abandon()
      throw error
    }
    let rows = CatalogueRows(home: home)
    try lift(SyncError.journal) { () throws(JournalError) in try pending.run(rows) }
    return .done(id)
  }

  private func stage(
    _ plan: SyncPlan, _ writes: [SessionWrite], _ pending: inout PendingTransaction
  ) throws(SyncError) {
    let home = FilePath(surroundings.localHome)
    for folder in plan.folders { try addFolders(folder, below: home, &pending) }
    try stage(writes, &pending)
    for operation in plan.adoptions.flatMap(\.rows) + plan.entries.flatMap(\.rows) { pending.add(operation) }
    for skill in plan.skills.compactMap(\.write) {
      for file in skill.files {
        try addFolders(file.target.removingLastComponent(), &pending)
        let content = try copy(file.source, &pending)
        guard content.sha256 == file.sha256 else {
          throw .planChanged(expected: file.sha256, found: content.sha256)
        }
        pending.add(.placeFile(file.target, content))
      }
    }
  }

  /// Gathers what is to be written for sessions, and the operations that do it.
  func stage(_ writes: [SessionWrite], _ pending: inout PendingTransaction) throws(SyncError) {
    let contents = try render(writes, &pending)
    for (write, content) in zip(writes, contents) {
      switch write.target {
      case .create(let path, let old): try create(path, replacing: old, write, content, &pending)
      case .append(let target): try append(target, write, content, &pending)
      }
    }
    let rows = try lift(SyncError.journal) { () throws(JournalError) in
      try CatalogueRows(home: home).seen(writes.flatMap(\.rows))
    }
    for row in rows { pending.add(.row(row)) }
    for line in writes.compactMap(\.indexLine) { pending.add(.addLine(home.sessionIndex, line)) }
  }

  private func create(
    _ path: FilePath, replacing old: SessionWrite.UnreadableRollout?, _ write: SessionWrite,
    _ content: Operation.Content, _ pending: inout PendingTransaction
  ) throws(SyncError) {
    if let old {
      let file = old.rollout.path
      let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(file) }
      guard stamp == old.stamp else { throw .rollout(.changed(file)) }
      let original = Operation.Content(
        name: pending.reserveName(), sha256: try sha256(file, old.stamp.size), size: old.stamp.size)
      pending.add(.takeFile(file, original))
    }
    try addFolders(path.removingLastComponent(), &pending)
    pending.add(.placeFile(path, content))
    let rollout = path.rolloutName?.rolloutID ?? write.thread
    pending.add(.forgetDerived(rollout: rollout.text))
  }

  private func append(
    _ target: SessionWrite.AppendTarget, _ write: SessionWrite, _ content: Operation.Content,
    _ pending: inout PendingTransaction
  ) throws(SyncError) {
    let source = target.ending
    let stamp = try lift(SyncError.file) { () throws(FileError) in try FileStamp.of(source.path) }
    guard let stamp, stamp == source.stamp else { throw .rollout(.changed(source.path)) }
    if source.path != target.path {
      let plain = try expand(source, target.provider, &pending)
      let original = Operation.Content(
        name: pending.reserveName(), sha256: try sha256(source.path, stamp.size), size: stamp.size,
        mode: AccessMode.of(source.path))
      pending.add(.placeFile(target.path, plain))
      pending.add(.takeFile(source.path, original))
    }
    let extent = Operation.Extent(
      start: target.length, content: content, modifiedWithout: stamp.modified, modifiedWith: write.modified)
    pending.add(.append(target.path, extent))
    if target.wasCut || target.provider != nil {
      pending.add(.forgetDerived(rollout: source.name.rolloutID.text))
    }
    if let destination = target.movesTo, destination != target.path {
      try addFolders(destination.removingLastComponent(), &pending)
      pending.add(.moveFile(target.path, to: destination))
    }
  }

  /// Renders all writes into the transaction's folder, on all cores.
  private func render(
    _ writes: [SessionWrite], _ pending: inout PendingTransaction
  ) throws(SyncError) -> [Operation.Content] {
    let names = writes.map { _ in pending.reserveName() }
    let rendered = Parallel.map(writes.count) { [surroundings] done in
      surroundings.progress(.init(phase: .writing, done: done, total: writes.count))
    } _: { [folder = pending.folder] index in
      Result { () throws(SyncError) in try render(writes[index], folder, names[index]) }
    }
    var contents: [Operation.Content] = []
    for one in rendered { contents.append(try one.get()) }
    return contents
  }

  private func render(
    _ write: SessionWrite, _ folder: FilePath, _ name: String
  ) throws(SyncError) -> Operation.Content {
    var writer: ContentWriter
    do throws(JournalError) { writer = try ContentWriter(folder, name: name) } catch { throw .journal(error) }
    let isNew = !write.isAppend
    let written = try lift(SyncError.rollout) { () throws(RolloutError) in
      try write.rendering.write { bytes throws(RolloutError) in
        do throws(FileError) { try writer.write(bytes) } catch { throw .file(error) }
      }
    }
    let content = try lift(SyncError.file) { () throws(FileError) in
      try writer.finish(modified: isNew ? write.modified : nil, mode: isNew ? .newFile : nil)
    }
    guard written == write.measure, content.size == written.size.bytes else {
      throw .planChanged(
        expected: write.measure.fingerprint.description, found: written.fingerprint.description)
    }
    return content
  }

  /// The uncompressed bytes of a local rollout, as content to be put beside it.
  private func expand(
    _ source: RolloutEnding, _ provider: ProviderChange?, _ pending: inout PendingTransaction
  ) throws(SyncError) -> Operation.Content {
    var writer = try content(&pending)
    var replaced = Int(provider?.oldLength ?? 0)
    try lift(SyncError.rollout) { () throws(RolloutError) in
      func write(_ bytes: [UInt8]) throws(RolloutError) {
        do throws(FileError) { try writer.write(bytes) } catch { throw .file(error) }
      }
      if let provider { try write(provider.line) }
      try RolloutBytes.read(source.path) { bytes throws(RolloutError) in
        let passed = min(replaced, bytes.count)
        replaced -= passed
        try write(passed == 0 ? bytes : Array(bytes.dropFirst(passed)))
      }
    }
    let modified = source.stamp.modified
    // A file that is written anew keeps its mode.
    let mode = AccessMode.of(source.path) ?? .newFile
    return try lift(SyncError.file) { () throws(FileError) in
      try writer.finish(modified: modified, mode: mode)
    }
  }

  private func copy(_ source: FilePath, _ pending: inout PendingTransaction) throws(SyncError)
    -> Operation.Content
  {
    var writer = try content(&pending)
    return try lift(SyncError.file) { () throws(FileError) in
      let file = try OpenFile(reading: source)
      try file.forEachChunk { chunk throws(FileError) in try writer.write(chunk) }
      return try writer.finish(mode: .newFile)
    }
  }

  private func content(_ pending: inout PendingTransaction) throws(SyncError) -> ContentWriter {
    do throws(JournalError) { return try pending.content() } catch { throw .journal(error) }
  }

  private func addFolders(
    _ folder: FilePath, below top: FilePath? = nil, _ pending: inout PendingTransaction
  ) throws(SyncError) {
    do throws(JournalError) { try pending.addFolders(for: folder, below: top) } catch {
      throw .journal(error)
    }
  }

  private func sha256(_ path: FilePath, _ size: Int64) throws(SyncError) -> String {
    let digest = try lift(SyncError.file) { () throws(FileError) in
      try FileDigest.sha256(of: path, count: size)
    }
    guard let digest else { throw .rollout(.changed(path)) }
    return digest
  }

  /// Where the incoming records come to lie, by the rollout that is written to.
  private func sources(_ writes: [SessionWrite]) -> JSONValue {
    [
      "sources": .object(
        writes.compactMap { write in write.rollout.map { .init($0.text, write.measure.sources.json) } })
    ]
  }

  /// What the journal remembers of the plan, for people and for a sidecar that is to be rebuilt.
  private func details(_ plan: SyncPlan) -> JSONValue {
    [
      "package": [
        "path": .string(plan.package.string), "origin": plan.origin.map(JSONValue.string) ?? .null,
      ],
      "trusts_origin": .bool(plan.trustsOrigin),
      "path_mappings": .array(plan.pathMappings.map { ["from": .string($0.from), "to": .string($0.to)] }),
      "sessions": .array(
        plan.sessions.filter { $0.write != nil }.map(\.record)),
      "adopted": .array(plan.adoptions.map(\.record)),
      "entered": .array(plan.entries.map(\.record)),
      "skills": .array(plan.skills.filter(\.isInstalled).map { .string($0.name) }),
    ]
  }
}

extension SessionPlan {
  /// What the journal remembers of a session that was written.
  var record: JSONValue {
    [
      "thread_id": .string(threadID.text),
      "local_thread_id": localThreadID.map { .string($0.text) } ?? .null,
      "classification": classification.map { .string($0.rawValue) } ?? .null,
      "action": .string(action.rawValue), "title": .string(title.journaled),
      "records_written": .integer(Int64(size.records)),
      "bytes_written": .integer(size.bytes),
      "cwd": [
        "incoming": incomingCwd.map(JSONValue.string) ?? .null,
        "local": localCwd.map(JSONValue.string) ?? .null,
      ],
      "lineage_key": lineageKey.map { .string($0.description) } ?? .null,
      "marker": marker?.json ?? .null, "sync_base": syncBase.json,
      "rollout": write?.rollout.map { .string($0.text) } ?? .null,
      "dropped": .object(
        (write?.measure.dropped.originals ?? [:]).sorted { $0.key < $1.key }
          .map { .init($0.key, .string($0.value)) }),
      "restores_deleted": .bool(restoresDeleted),
    ]
  }
}

extension String {
  /// A title as the journal keeps it: a thread without a name has its whole first message for one, which may be long,
  /// and each delivery would keep it again.
  var journaled: String { String(String.UnicodeScalarView(unicodeScalars.prefix(200))) }
}
