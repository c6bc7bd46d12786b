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
          database.cachedStatement(sql: "SELECT * FROM notes WHERE thread = ?"), arguments: [id.text])
      else { return nil }
      let histories = try Self.histories(of: id, database)
      let files = try Row.fetchAll(
        database.cachedStatement(
          sql: "SELECT path, stamp FROM note_files WHERE thread = ? ORDER BY position"),
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
        facts: .init(
          format: format, firstCwd: row["first_cwd"], localCwd: row["local_cwd"],
          lastHistory: (row["last_history_end"] as Int64?).map {
            .init(offset: $0, ordinal: row["last_history_ordinal"])
          }, turns: row["turns"]), files: files)
    }
  }

  /// Notes threads in place of what was noted of them before.
  public func note(_ notes: [ThreadNote]) throws(SidecarError) {
    if notes.isEmpty { return }
    try write { database in
      for note in notes { try Self.write(note, database) }
    }
  }

  static func forget(_ threads: Set<ThreadID>, _ database: Database) throws {
    for id in threads {
      try database.run(sql: "DELETE FROM notes WHERE thread = ?", arguments: [id.text])
    }
  }

  private static func write(_ note: ThreadNote, _ database: Database) throws {
    let thread = note.thread
    let id = thread.id.text
    try database.run(
      sql: """
        INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (thread) DO UPDATE SET
          marker = excluded.marker, is_declared_fork = excluded.is_declared_fork, created = excluded.created,
          open_turn = excluded.open_turn, ended_turn = excluded.ended_turn, format = excluded.format,
          first_cwd = excluded.first_cwd, local_cwd = excluded.local_cwd,
          last_history_end = excluded.last_history_end, last_history_ordinal = excluded.last_history_ordinal,
          turns = excluded.turns
        """,
      arguments: [
        id, thread.marker.map { text($0.json) }, thread.isDeclaredFork, thread.created, thread.turns.open,
        thread.turns.ended, note.facts.format.rawValue, note.facts.firstCwd, note.facts.localCwd,
        note.facts.lastHistory?.offset, note.facts.lastHistory?.ordinal, note.facts.turns,
      ])
    try database.run(sql: "DELETE FROM note_files WHERE thread = ?", arguments: [id])
    for (position, file) in note.files.enumerated() {
      try database.run(
        sql: "INSERT INTO note_files VALUES (?, ?, ?, ?)", arguments: [id, position, file.path, file.stamp])
    }
    let histories = [thread.head] + thread.segments
    for (position, history) in histories.enumerated() { try write(history, id, position, database) }
    try database.run(
      sql: "DELETE FROM note_histories WHERE thread = ? AND position >= ?", arguments: [id, histories.count])
  }

  /// Writes the pieces that are other than before: of a thread that went on the last one, and new ones.
  private static func write(
    _ history: History, _ thread: String, _ position: Int, _ database: Database
  ) throws {
    let pieces = history.pieces
    for (piece, digests) in pieces.enumerated() {
      let known = try Data.fetchOne(
        database.cachedStatement(
          sql: "SELECT digests FROM note_histories WHERE thread = ? AND position = ? AND piece = ?"),
        arguments: [thread, position, piece])
      if known == digests { continue }
      try database.run(
        sql: """
          INSERT INTO note_histories VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (thread, position, piece) DO UPDATE SET
            lineage_key = excluded.lineage_key, digests = excluded.digests
          """,
        arguments: [thread, position, piece, piece == 0 ? history.lineageKey?.description : nil, digests])
    }
    try database.run(
      sql: "DELETE FROM note_histories WHERE thread = ? AND position = ? AND piece >= ?",
      arguments: [thread, position, pieces.count])
  }

  /// The histories of a thread, the head's first.
  private static func histories(of id: ThreadID, _ database: Database) throws -> [History] {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: "SELECT position, digests FROM note_histories WHERE thread = ? ORDER BY position, piece"),
      arguments: [id.text])
    var packed: [Data] = []
    while let row = try rows.next() {
      if row[0] == packed.count { packed.append(row[1]) } else { packed[packed.count - 1] += row[1] as Data }
    }
    return packed.compactMap(History.init)
  }
}

extension History {
  /// 32 bytes a record, in pieces of 1,024 records; one empty piece where there is none.
  ///
  /// Every record is kept, because a copy that is shorter than a deleted thread is known by nothing else.
  fileprivate var pieces: [Data] {
    stride(from: 0, to: max(1, count), by: 1024).map { start in
      var data = Data(capacity: 1024 * 32)
      for digest in digests[start..<min(start + 1024, count)] { data.append(contentsOf: digest.bytes) }
      return data
    }
  }

  fileprivate init?(packed: Data) {
    let bytes = [UInt8](packed)
    guard bytes.count.isMultiple(of: 32) else { return nil }
    self.init(
      stride(from: 0, to: bytes.count, by: 32).compactMap { RecordDigest(bytes: bytes[$0..<($0 + 32)]) })
  }
}
