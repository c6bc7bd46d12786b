import GRDB
import Lineage
import Rollout

import struct Foundation.Data

/// What writing runs saw of the home's threads.
extension Sidecar {
  /// The files of every noted thread, the head first.
  public func notedFiles() throws(SidecarError) -> [ThreadID: [ThreadNote.File]] {
    try read { database in
      let rows = try Row.fetchCursor(
        database, sql: "SELECT thread, path, stamp FROM note_files ORDER BY thread, position")
      var files: [ThreadID: [ThreadNote.File]] = [:]
      while let row = try rows.next() {
        guard let id = ThreadID(row[0]) else { continue }
        files[id, default: []].append(.init(path: row[1], stampText: row[2]))
      }
      return files
    }
  }

  /// The noted threads of which the head or an older segment begins with one of these records.
  public func noted(with keys: some Collection<RecordDigest>) throws(SidecarError) -> Set<ThreadID> {
    try read { database in
      let statement = try database.makeStatement(
        sql: "SELECT thread FROM note_histories WHERE lineage_key = ?")
      var found: Set<ThreadID> = []
      for key in keys {
        found.formUnion(
          try String.fetchAll(statement, arguments: [key.description]).compactMap(ThreadID.init))
      }
      return found
    }
  }

  /// What was noted of one thread.
  public func note(of id: ThreadID) throws(SidecarError) -> ThreadNote? {
    try read { database in
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT * FROM notes WHERE thread = ?", arguments: [id.text])
      else { return nil }
      let histories = try Row.fetchAll(
        database, sql: "SELECT digests FROM note_histories WHERE thread = ? ORDER BY position",
        arguments: [id.text]
      ).compactMap { History(packed: $0[0] as Data) }
      let files = try Row.fetchAll(
        database, sql: "SELECT path, stamp FROM note_files WHERE thread = ? ORDER BY position",
        arguments: [id.text]
      ).map { ThreadNote.File(path: $0[0], stampText: $0[1]) }
      let marker: String? = row["marker"]
      guard let head = histories.first, let format = SessionMeta.Format(rawValue: row["format"]) else {
        return nil
      }
      return ThreadNote(
        thread: LineageThread(
          id: id, marker: marker.flatMap { Marker(Self.json($0)) }, isDeclaredFork: row["is_declared_fork"],
          head: head, segments: Array(histories.dropFirst()),
          turns: .init(open: row["open_turn"], ended: row["ended_turn"]), created: row["created"]),
        facts: .init(format: format, firstCwd: row["first_cwd"], localCwd: row["local_cwd"]), files: files)
    }
  }

  /// Notes threads in place of what was noted of them before.
  public func note(_ notes: [ThreadNote]) throws(SidecarError) {
    if notes.isEmpty { return }
    try write { database in
      for note in notes { try Self.write(note, database) }
    }
  }

  /// Forgets threads: they were taken away by an undo, not deleted by the user.
  public func forget(_ threads: some Collection<ThreadID>) throws(SidecarError) {
    if threads.isEmpty { return }
    try write { database in
      for id in threads {
        try database.execute(sql: "DELETE FROM notes WHERE thread = ?", arguments: [id.text])
      }
    }
  }

  /// Forgets all threads.
  public func forgetNotes() throws(SidecarError) {
    try write { database in try database.execute(sql: "DELETE FROM notes") }
  }

  private static func write(_ note: ThreadNote, _ database: Database) throws {
    let thread = note.thread
    let id = thread.id.text
    // The rows that refer to it go with it.
    try database.execute(sql: "DELETE FROM notes WHERE thread = ?", arguments: [id])
    try database.execute(
      sql: "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        id, thread.marker.map { text($0.json) }, thread.isDeclaredFork, thread.created, thread.turns.open,
        thread.turns.ended, note.facts.format.rawValue, note.facts.firstCwd, note.facts.localCwd,
      ])
    for (position, file) in note.files.enumerated() {
      try database.execute(
        sql: "INSERT INTO note_files VALUES (?, ?, ?, ?)", arguments: [id, position, file.path, file.stamp])
    }
    for (position, history) in ([thread.head] + thread.segments).enumerated() {
      try database.execute(
        sql: "INSERT INTO note_histories VALUES (?, ?, ?, ?)",
        arguments: [id, position, history.lineageKey?.description, history.packed])
    }
  }
}

extension History {
  /// 32 bytes a record.
  ///
  /// Kept for every record, because a copy that is shorter than a deleted thread is known by nothing else.
  fileprivate var packed: Data {
    var data = Data(capacity: count * 32)
    for digest in digests { data.append(contentsOf: digest.bytes) }
    return data
  }

  fileprivate init?(packed: Data) {
    let bytes = [UInt8](packed)
    guard bytes.count.isMultiple(of: 32) else { return nil }
    self.init(
      stride(from: 0, to: bytes.count, by: 32).compactMap { RecordDigest(bytes: bytes[$0..<($0 + 32)]) })
  }
}
