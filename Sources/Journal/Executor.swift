import DurableFiles
import SystemPackage

/// The one place through which Codex's state is changed: applies operations, sees their effects, reverts them.
struct Executor {
  /// The folder with the transaction's content files.
  let folder: FilePath

  /// Carries out a file operation; row operations are the row store's.
  func apply(_ operation: Operation) throws(JournalError) {
    switch operation {
    case .makeFolder(let path, let top):
      try withFiles { () throws(FileError) in
        if let top { try Folder.create(path, below: top) } else { try Folder.create(path) }
      }
    case .removeFolder(let path): _ = try withFiles { () throws(FileError) in try Folder.removeIfEmpty(path) }
    case .placeFile(let path, let content):
      content.mode?.set(folder.appending(content.name))
      try move(folder.appending(content.name), to: path)
    case .takeFile(let path, let content):
      // Its length tells whether somebody appended to it since it was planned.
      guard try withFiles({ () throws(FileError) in try FileStamp.of(path)?.size }) == content.size else {
        throw .conflict(path)
      }
      try move(path, to: folder.appending(content.name))
      close(content)
    case .append(let path, let extent):
      try withFiles { () throws(FileError) in
        try DurableFile.append(
          contentsOf: folder.appending(extent.content.name), to: path, at: extent.start,
          modified: extent.modifiedWith)
      }
    case .cut(let path, let extent):
      guard try extentState(path, extent) == .present else { throw .conflict(path) }
      try withFiles { () throws(FileError) in
        try DurableFile.cut(path, to: extent.start, modified: extent.modifiedWithout)
      }
    case .moveFile(let path, let target): try move(path, to: target)
    case .addLine(let path, let line):
      try withFiles { () throws(FileError) in try DurableFile.appendLine(Array(line.utf8), to: path) }
    case .dropLine(let path, let line):
      try withFiles { () throws(FileError) in try LineFile.drop(line, from: path) }
    case .row, .forgetDerived: break
    }
  }

  /// Carries out the file operations of a transaction in order; asks before each, and tells of each that is done.
  ///
  /// Files that are placed one after another do not depend on each other: folders are flushed once for all of them.
  func apply(
    _ operations: [Operation],
    asking: (Operation) throws(JournalError) -> Void = { _ throws(JournalError) in },
    done: (Operation) -> Void
  ) throws(JournalError) {
    var unflushed: Set<FilePath> = []
    for operation in operations {
      try asking(operation)
      switch operation {
      case .row, .forgetDerived: continue
      case .placeFile(let path, let content):
        content.mode?.set(folder.appending(content.name))
        try moving(to: path) { () throws(FileError) in
          try DurableFile.moveUnflushed(folder.appending(content.name), to: path)
        }
        unflushed.insert(path.removingLastComponent())
      default:
        try flush(&unflushed)
        try apply(operation)
      }
      done(operation)
    }
    try flush(&unflushed)
  }

  /// The new names are to be on disk before it is that the old ones are gone.
  private func flush(_ folders: inout Set<FilePath>) throws(JournalError) {
    if folders.isEmpty { return }
    let targets = folders
    folders = []
    try withFiles { () throws(FileError) in
      try Folder.sync(targets)
      try Folder.sync(folder)
    }
  }

  /// Says how much of a file operation is to be seen.
  func effect(of operation: Operation) throws(JournalError) -> Effect {
    switch operation {
    case .makeFolder(let path, _): try exists(path) ? .present : .absent
    case .removeFolder(let path): try isEmptyFolder(path) ? .absent : .present
    case .placeFile(let path, let content):
      switch try meeting(folder.appending(content.name), path) {
      case .oneFile:
        // Codex may have gone on in it since the crash; then it is the user's, under whatever names.
        switch try contentState(path, content) {
        case .present: .partial
        case let other: other
        }
      case .copy: try contentState(path, content) == .present ? .partial : .absent
      case .twoFiles: .absent
      case nil: try contentState(path, content)
      }
    case .takeFile(let path, let content):
      // Without the content nothing was taken, whatever the operations before may still have to do to the file.
      if try !exists(folder.appending(content.name)) {
        .absent
      } else if try isMeeting(path, content) {
        // Between its two names, on the way out or back; what it holds by now is not asked.
        .partial
      } else {
        switch try contentState(path, content) {
        case .absent: .present
        case .present: .absent
        default: .foreign
        }
      }
    case .append(let path, let extent):
      try exists(path) ? state(path, extent, before: .absent, at: extent.modifiedWithout) : .absent
    case .cut(let path, let extent):
      // A file that is not there yet is one that an operation before was to move there.
      switch try exists(path) ? state(path, extent, before: .present, at: extent.modifiedWith) : .present {
      case .absent: .present
      case .present: .absent
      case let other: other
      }
    case .moveFile(let path, let target):
      switch try meeting(path, target) {
      case .oneFile: .partial
      case .copy, .twoFiles: .absent
      // Where neither is there, what was to be moved was not placed yet.
      case nil: try exists(target) ? .present : .absent
      }
    case .addLine(let path, let line):
      try contains(line, path) ? .present : try endsTorn(line, path) ? .partial : .absent
    case .dropLine(let path, let line): try contains(line, path) ? .absent : .present
    case .row, .forgetDerived: .present
    }
  }

  /// Whether a file of the home is a content file by another name.
  func isMeeting(_ path: FilePath, _ content: Operation.Content) throws(JournalError) -> Bool {
    try meeting(folder.appending(content.name), path) == .oneFile
  }

  /// Gives a file whose operation is done the time that belongs to it, where that can be: a crash may have come before.
  func setTime(_ operation: Operation) {
    switch operation {
    case .append(let path, let extent): DurableFile.setModified(path, extent.modifiedWith)
    case .cut(let path, let extent): DurableFile.setModified(path, extent.modifiedWithout)
    default: break
    }
  }

  /// Takes back an effect that is present or partial, so that all is as before.
  func revert(_ operation: Operation) throws(JournalError) {
    switch operation {
    case .makeFolder(let path, _): try apply(.removeFolder(path))
    case .removeFolder(let path): try apply(.makeFolder(path))
    case .placeFile(let path, let content):
      try moveBack(path, to: folder.appending(content.name))
      close(content)
    case .takeFile(let path, let content):
      content.mode?.set(folder.appending(content.name))
      try moveBack(folder.appending(content.name), to: path)
    case .append(let path, let extent): try cutBack(path, extent)
    case .cut(let path, let extent):
      // An undoing that was itself interrupted may have put a part of the bytes there again.
      try withFiles { () throws(FileError) in try DurableFile.cut(path, to: extent.start) }
      try apply(.append(path, extent))
    case .moveFile(let path, let target): try moveBack(target, to: path)
    case .addLine(let path, let line): try apply(.dropLine(path, line))
    case .dropLine(let path, let line):
      // An undoing that was itself interrupted may have put the beginning of the line there again.
      if try endsTorn(line, path) { try apply(.dropLine(path, line)) }
      try apply(.addLine(path, line))
    case .row, .forgetDerived: break
    }
  }

  /// What the journal keeps of a home's files is for their owner, whoever may read them there.
  private func close(_ content: Operation.Content) {
    if content.mode != nil { AccessMode.privateFile.set(folder.appending(content.name)) }
  }

  func exists(_ path: FilePath) throws(JournalError) -> Bool {
    try withFiles { () throws(FileError) in try FileStamp.of(path) != nil }
  }

  /// A folder that somebody put something into is not removed, and that is as it should be.
  private func isEmptyFolder(_ path: FilePath) throws(JournalError) -> Bool {
    guard try exists(path) else { return false }
    return try withFiles { () throws(FileError) in try Folder.names(in: path).isEmpty }
  }

  private func contains(_ line: String, _ path: FilePath) throws(JournalError) -> Bool {
    try withFiles { () throws(FileError) in try LineFile.contains(line, path) }
  }

  private func endsTorn(_ line: String, _ path: FilePath) throws(JournalError) -> Bool {
    try withFiles { () throws(FileError) in try LineFile.endsTorn(line, path) }
  }

  private func move(_ path: FilePath, to target: FilePath) throws(JournalError) {
    try moving(to: target) { () throws(FileError) in try DurableFile.move(path, to: target) }
  }

  private func moving(to target: FilePath, _ body: () throws(FileError) -> Void) throws(JournalError) {
    do throws(FileError) {
      try body()
    } catch {
      if error.errno == .fileExists { throw .conflict(target) }
      throw .file(error)
    }
  }

  /// What is to be seen of a move while both of its names are there.
  private enum Meeting { case oneFile, copy, twoFiles }

  /// Tells a move that was interrupted from a place that is taken.
  ///
  /// A move links the new name and then removes the old one: a crash in between leaves two names of one file. Two
  /// files under the two names mean that somebody else's is in the way.
  private func meeting(_ path: FilePath, _ target: FilePath) throws(JournalError) -> Meeting? {
    try withFiles { () throws(FileError) -> Meeting? in
      guard path != target, let old = try FileStamp.of(path), let new = try FileStamp.of(target)
      else { return nil }
      if old.device != new.device { return .copy }
      return old.inode == new.inode ? .oneFile : .twoFiles
    }
  }

  /// Moves a file back, or removes the second name that an interrupted move left it.
  private func moveBack(_ path: FilePath, to target: FilePath) throws(JournalError) {
    guard let meeting = try meeting(path, target), meeting != .twoFiles else {
      return try move(path, to: target)
    }
    try withFiles { () throws(FileError) in try DurableFile.remove(path) }
  }

  private func cutBack(_ path: FilePath, _ extent: Operation.Extent) throws(JournalError) {
    try withFiles { () throws(FileError) in
      try DurableFile.cut(path, to: extent.start, modified: extent.modifiedWithout)
    }
  }

  private func contentState(_ path: FilePath, _ content: Operation.Content) throws(JournalError) -> Effect {
    try withFiles { () throws(FileError) in
      guard let stamp = try FileStamp.of(path) else { return .absent }
      guard stamp.kind == .file else { return .foreign }
      guard try FileDigest.sha256(of: path, count: content.size) == content.sha256 else { return .foreign }
      return stamp.size == content.size ? .present : .continued
    }
  }

  /// The state of a range; the length of before with another time is one of which the time is still to be taken back.
  ///
  /// The time of after decides nothing: not everybody who may write a file may set its times.
  private func state(
    _ path: FilePath, _ extent: Operation.Extent, before: Effect, at time: FileTime
  ) throws(JournalError) -> Effect {
    let state = try extentState(path, extent)
    guard state == before else { return state }
    let modified = try withFiles { () throws(FileError) in try FileStamp.of(path)?.modified }
    return modified == time ? state : .partial
  }

  private func extentState(_ path: FilePath, _ extent: Operation.Extent) throws(JournalError) -> Effect {
    try withFiles { () throws(FileError) in
      guard let stamp = try FileStamp.of(path), stamp.kind == .file, stamp.size >= extent.start else {
        return .foreign
      }
      if stamp.size == extent.start { return .absent }
      let length = stamp.size - extent.start
      if length >= extent.content.size {
        let found = try FileDigest.sha256(of: path, from: extent.start, count: extent.content.size)
        guard found == extent.content.sha256 else { return .foreign }
        return length == extent.content.size ? .present : .continued
      }
      let staged = folder.appending(extent.content.name)
      guard try FileStamp.of(staged) != nil else { return .foreign }
      let here = try FileDigest.sha256(of: path, from: extent.start, count: length)
      return try here == FileDigest.sha256(of: staged, count: length) ? .partial : .foreign
    }
  }
}

/// Files of lines, such as `session_index.jsonl`, which may be links: Codex follows them (0.163.0).
enum LineFile {
  static func contains(_ line: String, _ path: FilePath) throws(FileError) -> Bool {
    try lines(path).contains { $0.elementsEqual(line.utf8) }
  }

  /// Whether the file ends in the beginning of a line, without a newline: a write that a crash cut short.
  static func endsTorn(_ line: String, _ path: FilePath) throws(FileError) -> Bool {
    guard let last = try lines(path).last, !last.isEmpty else { return false }
    return Array(line.utf8).starts(with: last)
  }

  /// Removes the last occurrence of a line, else the torn beginning of one.
  static func drop(_ line: String, from path: FilePath) throws(FileError) {
    var lines = try lines(path)
    if let index = lines.lastIndex(where: { $0.elementsEqual(line.utf8) }) {
      lines.remove(at: index)
    } else if try endsTorn(line, path) {
      lines[lines.count - 1] = []
    } else {
      return
    }
    let target = SymbolicLink.followed(path)
    // A link stays, and leads somewhere.
    if target == path, lines.allSatisfy(\.isEmpty) { return try DurableFile.remove(path) }
    try DurableFile.replace(target, with: Array(lines.joined(separator: [0x0A])))
  }

  private static func lines(_ path: FilePath) throws(FileError) -> [ArraySlice<UInt8>] {
    let bytes = try FileReading.bytesIfPresent(of: path, followingLinks: true) ?? []
    return bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
  }
}
