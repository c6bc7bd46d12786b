import DurableFiles
import SystemPackage

/// What a transaction's operations left behind, each seen where the ones after it put it.
struct Trace {
  let operations: [Operation]
  let executor: Executor
  let rows: any RowStore

  /// The effect of each operation.
  ///
  /// One file may be the matter of several operations: a compressed rollout is put beside its original, grows, and
  /// moves to the archive.
  func effects() throws(JournalError) -> [Effect] {
    var effects: [Effect] = []
    for index in operations.indices { effects.append(try effect(at: index)) }
    return effects
  }

  /// Whether somebody went on in the file that an operation is about.
  func isContinued(_ index: Int, _ effects: [Effect]) throws(JournalError) -> Bool {
    guard let file = try file(at: index) else { return false }
    for (other, effect) in effects.enumerated() where effect == .continued {
      if try self.file(at: other) == file { return true }
    }
    return false
  }

  /// The threads that are left as they are: somebody went on in one, or built on what was written to it.
  ///
  /// A thread that was cut or taken away, and cannot be put back as it was, may live on in what was placed: so that
  /// stays too.
  func staying(_ effects: [Effect], _ threads: any ThreadKnowledge) throws(JournalError) -> Set<String> {
    var staying: Set<String> = []
    var holdsWork = false
    for (index, operation) in operations.enumerated() where try isStuck(index, effects, threads) {
      guard let thread = threads.thread(of: operation) else { continue }
      staying.insert(thread)
      switch operation {
      case .cut, .takeFile: holdsWork = true
      default: break
      }
    }
    if holdsWork {
      for case .placeFile(let path, let content) in operations {
        if let thread = threads.thread(of: .placeFile(path, content)) { staying.insert(thread) }
      }
    }
    return staying
  }

  /// The changes of rows by which they fit the files once those are taken back: of threads that stay as they are, and
  /// are as they were to be, the new ones; of all others the old ones.
  func changes(
    _ effects: [Effect], _ staying: Set<String>, _ threads: any ThreadKnowledge
  ) -> [RowChange] {
    var unfinished: Set<String> = []
    for (operation, effect) in zip(operations, effects)
    where operation.isOfFile && effect != .present && effect != .continued {
      if let thread = threads.thread(of: operation) { unfinished.insert(thread) }
    }
    var back: [RowChange] = []
    var forth: [RowChange] = []
    for (operation, effect) in zip(operations, effects) {
      guard let change = operation.row else { continue }
      let thread = threads.thread(of: operation)
      let stays = thread.map(staying.contains) ?? false
      if effect == .present, !stays { back.append(change.inverse) }
      if effect == .absent, stays, let thread, !unfinished.contains(thread) { forth.append(change) }
    }
    return back.reversed() + forth
  }

  /// Whether an operation cannot be taken back.
  private func isStuck(
    _ index: Int, _ effects: [Effect], _ threads: any ThreadKnowledge
  ) throws(JournalError) -> Bool {
    if !wasReached(index, effects) { return false }
    if try isContinued(index, effects) { return true }
    // What later operations did to the file may look like somebody else's doing; of the last one it is.
    if effects[index] == .foreign, let path = operations[index].path {
      return !operations[(index + 1)...].contains { $0.path == path }
    }
    let start: Int64
    switch operations[index] {
    // An older fork goes on from the compressed file as well as from the plain one.
    case .placeFile(let path, _) where !replacesItself(path): start = 0
    case .append(_, let extent): start = extent.start
    default: return false
    }
    guard effects[index] != .absent, let file = try file(at: index),
      let stamp = try withFiles({ () throws(FileError) in try FileStamp.of(file) }), stamp.size > start
    else { return false }
    if threads.isBase(file, in: start..<stamp.size) { return true }
    return effects[index] == .present && threads.mayBeBase(file)
  }

  /// Whether an operation's turn came: not where the file is still to be cut or taken that it writes to.
  func wasReached(_ index: Int, _ effects: [Effect]) -> Bool {
    let path = operations[index].path
    return !operations[..<index].enumerated().contains { earlier, operation in
      guard operation.path == path, effects[earlier] == .absent else { return false }
      switch operation {
      case .cut, .takeFile: return true
      default: return false
      }
    }
  }

  /// Whether a file takes the place of the same rollout, compressed or expanded.
  private func replacesItself(_ path: FilePath) -> Bool {
    operations.contains { operation in
      guard case .takeFile(let taken, _) = operation else { return false }
      return taken.string == "\(path).zst" || path.string == "\(taken).zst"
    }
  }

  private func effect(at index: Int) throws(JournalError) -> Effect {
    switch operations[index] {
    case .row(let change): return try rows.state(of: change)
    case .placeFile(_, let content):
      guard let file = try file(at: index) else { break }
      let effect = try executor.effect(of: .placeFile(file, content))
      return effect == .continued && isLengthened(index, content) ? .present : effect
    case .append(_, let extent):
      guard let file = try file(at: index) else { break }
      return try executor.effect(of: .append(file, extent))
    case .cut(_, let extent):
      guard let file = try file(at: index) else { break }
      return try executor.effect(of: .cut(file, extent))
    default: break
    }
    return try executor.effect(of: operations[index])
  }

  /// Whether what follows a placed file is what a later operation appends to it.
  private func isLengthened(_ index: Int, _ content: Operation.Content) -> Bool {
    operations[(index + 1)...].contains { operation in
      guard case .append(let path, let extent) = operation else { return false }
      return path == operations[index].path && extent.start == content.size
    }
  }

  /// Where the file is now that an operation wrote to or moved; nil for other operations.
  private func file(at index: Int) throws(JournalError) -> FilePath? {
    var place: FilePath
    switch operations[index] {
    case .placeFile(let path, _), .append(let path, _), .cut(let path, _): place = path
    case .moveFile(let path, let target): place = try executor.exists(target) ? target : path
    default: return nil
    }
    for operation in operations[(index + 1)...] {
      switch operation {
      case .moveFile(place, to: let target) where try executor.effect(of: operation) == .present:
        place = target
      case .takeFile(place, let content) where try executor.effect(of: operation) == .present:
        place = executor.folder.appending(content.name)
      default: continue
      }
    }
    return place
  }
}
