import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SystemPackage

/// Carries a rollback out as one transaction.
struct RollbackApplier {
  let home: CodexHome
  let surroundings: Surroundings

  /// Answers the undoing transaction.
  func apply(_ plan: RollbackPlan) throws(SyncError) -> String {
    let workplace = Workplace(home: home)
    try workplace.requireSpace(for: plan.neededBytes())
    let id = try workplace.nextTransactionID(surroundings)
    let details: JSONValue = [
      "kept": .array(
        plan.kept.map {
          [
            "thread_id": .string($0.thread.text), "path": .string($0.path.string),
            "reason": .string($0.reason.text),
          ]
        }),
      "sessions": .array(plan.branches.map(\.record)),
      "threads": .array(plan.threads.map(\.note.json)),
    ]
    let transaction = Transaction(
      id: id, createdAt: surroundings.now.text, command: "rollback", planDigest: nil, details: details,
      undoes: plan.transactions.map(\.id))
    var pending: PendingTransaction
    do throws(JournalError) {
      pending = try workplace.journal.begin(transaction, watch: surroundings.watch)
    } catch {
      throw .journal(error)
    }
    do throws(SyncError) {
      let applier = Applier(home: home, journal: workplace.journal, surroundings: surroundings)
      try applier.stage(plan.branches.compactMap(\.write), &pending)
      for step in plan.steps { try stage(step, &pending) }
    } catch {
      pending.abandon()
      throw error
    }
    do throws(JournalError) { try pending.run(CatalogueRows(home: home)) } catch { throw .journal(error) }
    return id
  }

  private func stage(
    _ step: RollbackPlan.Step, _ pending: inout PendingTransaction
  ) throws(SyncError) {
    switch step {
    case .plain(let operation):
      if case .moveFile(_, let path) = operation { try addFolder(of: path, &pending) }
      pending.add(operation)
    case .take(let path, let now):
      let size = try stamp(now).size
      let measured = try lift(SyncError.file) { () throws(FileError) in
        try FileDigest.sha256(of: now, count: size)
      }
      guard let measured else { throw .rollout(.changed(now)) }
      pending.add(
        .takeFile(
          path,
          Operation.Content(
            name: pending.reserveName(), sha256: measured, size: size, mode: AccessMode.of(now))))
      forget(path, &pending)
    case .cut(let path, let now, let length, let modified):
      let stamp = try stamp(now)
      guard length <= stamp.size else { throw .rollout(.changed(now)) }
      let content = try copy(now, length..<stamp.size, modified: nil, &pending)
      pending.add(
        .cut(
          path,
          .init(start: length, content: content, modifiedWithout: modified, modifiedWith: stamp.modified)))
      forget(path, &pending)
    case .restore(let path, let kept, let source):
      let modified = try stamp(source).modified
      try addFolder(of: path, &pending)
      let mode = kept.mode ?? .newFile
      pending.add(.placeFile(path, try copy(kept, source, modified: modified, mode: mode, &pending)))
    case .append(let path, let extent, let source):
      let content = try copy(extent.content, source, modified: nil, &pending)
      pending.add(
        .append(
          path,
          .init(
            start: extent.start, content: content, modifiedWithout: extent.modifiedWithout,
            modifiedWith: extent.modifiedWith)))
    }
  }

  /// Somebody may have removed a folder that had become empty.
  private func addFolder(of path: FilePath, _ pending: inout PendingTransaction) throws(SyncError) {
    do throws(JournalError) { try pending.addFolders(for: path.removingLastComponent()) } catch {
      throw .journal(error)
    }
  }

  private func forget(_ path: FilePath, _ pending: inout PendingTransaction) {
    guard let name = path.rolloutName else { return }
    pending.add(.forgetDerived(rollout: name.rolloutID.text))
  }

  private func stamp(_ path: FilePath) throws(SyncError) -> FileStamp {
    guard let stamp = try lift(SyncError.file, { () throws(FileError) in try FileStamp.of(path) }) else {
      throw .file(FileError(.stat, path, .noSuchFileOrDirectory))
    }
    return stamp
  }

  /// Copies what the journal keeps, which must be what was put there.
  private func copy(
    _ kept: Operation.Content, _ source: FilePath, modified: FileTime?, mode: AccessMode? = nil,
    _ pending: inout PendingTransaction
  ) throws(SyncError) -> Operation.Content {
    guard try stamp(source).size == kept.size else { throw .journal(.malformed(source)) }
    let content = try copy(source, 0..<kept.size, modified: modified, mode: mode, &pending)
    guard content.sha256 == kept.sha256 else { throw .journal(.malformed(source)) }
    return content
  }

  private func copy(
    _ path: FilePath, _ range: Range<Int64>, modified: FileTime?, mode: AccessMode? = nil,
    _ pending: inout PendingTransaction
  ) throws(SyncError) -> Operation.Content {
    var writer: ContentWriter
    do throws(JournalError) { writer = try pending.content() } catch { throw .journal(error) }
    do throws(FileError) {
      let file = try OpenFile(reading: path)
      var at = range.lowerBound
      while at < range.upperBound {
        let chunk = try file.read(
          at: at, count: Int(min(range.upperBound - at, Int64(FileReading.chunkSize))))
        if chunk.isEmpty { throw FileError(.read, path, .resourceBusy) }
        try writer.write(chunk)
        at += Int64(chunk.count)
      }
      return try writer.finish(modified: modified, mode: mode)
    } catch {
      throw .file(error)
    }
  }
}
