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
