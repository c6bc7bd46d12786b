import CanonicalJSON
import GRDB
import Lineage
import Rollout

/// What the journal tells.
extension Sidecar {
  /// The history that both sides had when a session was delivered last, and where it is.
  public struct Mapping: Sendable, Hashable {
    /// The thread here.
    public let localThread: ThreadID
    /// The length of the sync base, in records.
    public let baseLength: Int
    /// Its prefix digest.
    public let baseDigest: RecordDigest?
  }

  /// The transactions that were taken in.
  public func transactions() throws(SidecarError) -> Set<String> {
    try read { database in try String.fetchSet(database, sql: "SELECT id FROM transactions") }
  }

  /// Whether what was taken in lacks what this version wants to know.
  public func isToldAgain() throws(SidecarError) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM transactions WHERE told < ?)",
        arguments: [Schema.telling]) ?? false
    }
  }

  /// A delivery of a session that an undoing met.
  public struct UndoneDelivery: Sendable, Hashable {
    /// The transaction that had brought it.
    public let transaction: String
    /// The thread that it had gone to.
    public let thread: ThreadID
    /// How long the history was that it had left there, in records.
    public let baseLength: Int
    /// The digest of that history.
    public let baseDigest: RecordDigest
    /// The transaction that undid it.
    public let undoer: String
    /// When that was begun, RFC 3339.
    public let time: String
    /// Whether it was left as it is.
    public let isKept: Bool
  }

  /// The deliveries of a conversation that undoings met, the last to be met first.
  public func undoneDeliveries(of lineageKey: RecordDigest) throws(SidecarError) -> [UndoneDelivery] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT transaction_id, local_thread, base_length, base_digest, undoer, undone_at, is_kept FROM undone_sessions
          WHERE lineage_key = ? ORDER BY undoer DESC, transaction_id DESC
          """,
        arguments: [lineageKey.description]
      ).compactMap { row in
        guard let thread = ThreadID(row[1]), let digest = RecordDigest(hex: row[3]) else { return nil }
        return UndoneDelivery(
          transaction: row[0], thread: thread, baseLength: row[2], baseDigest: digest, undoer: row[4],
          time: row[5], isKept: row[6])
      }
    }
  }

  /// Which notes of threads are not true any more, by what the journal tells.
  public enum Forgotten: Sendable, Hashable {
    /// Those of threads that an undoing took away: their user did not delete them.
    case threads(Set<ThreadID>)
    /// All: the home was restored from a backup, or they are to be made anew.
    case all
  }

  /// Takes transactions in, oldest first, in one step: a crash leaves all of it done, or nothing.
  ///
  /// - Parameters:
  ///   - entries: what they tell.
  ///   - isAgain: whether they are told in place of all that the journal told before.
  ///   - forgotten: the notes that go with it.
  public func take(
    _ entries: [JournalEntry], isAgain: Bool = false, forgetting forgotten: Forgotten = .threads([])
  ) throws(SidecarError) {
    try write { database in
      if isAgain {
        for table in Schema.journalTables { try database.execute(sql: "DELETE FROM \(table)") }
      }
      switch forgotten {
      case .threads(let threads): try Self.forget(threads, database)
      case .all: try database.execute(sql: "DELETE FROM notes")
      }
      for entry in entries { try Self.take(entry, database) }
    }
  }

  /// The marker of a thread that was written here; Codex drops it from `session_meta` when it reverts or
  /// migrates a thread (0.163.0).
  public func markers() throws(SidecarError) -> [ThreadID: Marker] {
    try read { database in
      let rows = try Row.fetchCursor(
        database, sql: "SELECT thread, marker FROM lineages WHERE marker IS NOT NULL")
      var markers: [ThreadID: Marker] = [:]
      while let row = try rows.next() {
        guard let id = ThreadID(row[0]), let marker = Marker(Self.json(row[1])) else { continue }
        markers[id] = marker
      }
      return markers
    }
  }

  /// Whether a thread was written or adopted here.
  public func isInLineage(_ thread: ThreadID) throws(SidecarError) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM lineages WHERE thread = ?)", arguments: [thread.text])
        ?? false
    }
  }

  /// Where an origin's sessions went.
  public func mappings(from origin: String) throws(SidecarError) -> [ThreadID: Mapping] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT remote_thread, local_thread, base_length, base_digest FROM mappings WHERE origin = ?",
        arguments: [origin])
      return rows.reduce(into: [:]) { mappings, row in
        guard let remote = ThreadID(row[0]), let local = ThreadID(row[1]) else { return }
        let digest: String? = row[3]
        mappings[remote] = Mapping(
          localThread: local, baseLength: row[2], baseDigest: digest.flatMap(RecordDigest.init(hex:)))
      }
    }
  }

  /// What the user said of an origin's paths, in the order of the paths there.
  public func pathMappings(from origin: String) throws(SidecarError) -> [PathMap.Prefix] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT source, target FROM path_mappings WHERE origin = ? ORDER BY source",
        arguments: [origin]
      ).map { PathMap.Prefix(from: $0[0], to: $0[1]) }
    }
  }

  /// Whether the user said of an origin that it is a machine of his.
  public func isTrusted(_ origin: String) throws(SidecarError) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM trusted_origins WHERE origin = ?)", arguments: [origin])
        ?? false
    }
  }

  /// Where the bytes of another machine's rollout that end at an offset may lie here.
  public func sources(
    of rollout: ThreadID, at offset: Int64
  ) throws(SidecarError) -> [(rollout: ThreadID, run: SourceRun)] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT first_end, last_end, shift, ordinal_shift, rollout FROM source_runs
          WHERE source = ? AND first_end <= ? AND last_end >= ? ORDER BY rowid
          """,
        arguments: [rollout.text, offset, offset])
      return rows.compactMap { row in
        guard let here = ThreadID(row[4]) else { return nil }
        let numbers = (0..<4).compactMap { Int64.fromDatabaseValue(row[$0]) }
        guard numbers.count == 4, numbers[0] <= numbers[1] else { return nil }
        return (
          here,
          SourceRun(
            rollout: rollout, ends: numbers[0]...numbers[1], shift: numbers[2], ordinalShift: numbers[3])
        )
      }
    }
  }

  /// What was written into a column of a thread's row last; nil where nothing was.
  public func writtenColumn(_ name: String, of thread: ThreadID) throws(SidecarError) -> JSONValue? {
    try read { database in
      try String.fetchOne(
        database, sql: "SELECT value FROM written_columns WHERE thread = ? AND name = ?",
        arguments: [thread.text, name]
      ).flatMap(Self.json)
    }
  }

  private static func take(_ entry: JournalEntry, _ database: Database) throws {
    let id = entry.transaction
    try database.run(
      sql: "INSERT OR IGNORE INTO transactions (id, told) VALUES (?, ?)", arguments: [id, Schema.telling])
    for undone in entry.undone {
      guard let key = undone.session.lineageKey, let digest = undone.session.baseDigest else { continue }
      try database.run(
        sql: "INSERT INTO undone_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          key.description, undone.session.baseLength, digest.description, undone.session.localThread.text,
          undone.undoer, undone.time, undone.isKept, id,
        ])
    }
    for session in entry.sessions + entry.unmapped {
      try database.run(
        sql: """
          INSERT INTO lineages (thread, lineage_key, root_thread, marker, transaction_id) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (thread) DO UPDATE SET
            lineage_key = coalesce(excluded.lineage_key, lineage_key),
            marker = coalesce(excluded.marker, marker), root_thread = excluded.root_thread,
            transaction_id = excluded.transaction_id
          """,
        arguments: [
          session.localThread.text, session.lineageKey?.description,
          (session.marker?.rootThread ?? session.remoteThread).text, session.marker.map { text($0.json) }, id,
        ])
      for run in session.sources {
        guard let rollout = session.rollout else { continue }
        try database.run(
          sql: "INSERT INTO source_runs VALUES (?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            run.rollout.text, run.ends.lowerBound, run.ends.upperBound, run.shift, run.ordinalShift,
            rollout.text, id,
          ])
      }
    }
    for session in entry.sessions {
      guard let origin = entry.origin else { continue }
      try database.run(
        sql: """
          INSERT INTO mappings VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (origin, remote_thread) DO UPDATE SET
            local_thread = excluded.local_thread, base_length = excluded.base_length,
            base_digest = excluded.base_digest, transaction_id = excluded.transaction_id
          """,
        arguments: [
          origin, session.remoteThread.text, session.localThread.text, session.baseLength,
          session.baseDigest?.description, id,
        ])
    }
    for mapping in entry.pathMappings {
      guard let origin = entry.origin else { continue }
      try database.run(
        sql: """
          INSERT INTO path_mappings VALUES (?, ?, ?, ?)
          ON CONFLICT (origin, source) DO UPDATE SET
            target = excluded.target, transaction_id = excluded.transaction_id
          """,
        arguments: [origin, mapping.from, mapping.to, id])
    }
    if entry.trustsOrigin, let origin = entry.origin {
      try database.execute(
        sql: "INSERT OR IGNORE INTO trusted_origins VALUES (?, ?)", arguments: [origin, id])
    }
    for mapping in entry.pruned {
      try database.run(
        sql: "DELETE FROM mappings WHERE origin = ? AND remote_thread = ? AND local_thread = ?",
        arguments: [mapping.origin, mapping.remoteThread.text, mapping.localThread.text])
    }
    for row in entry.rows { try take(row, database) }
  }

  private static func take(_ row: JournalEntry.WrittenRow, _ database: Database) throws {
    guard let columns = row.columns else {
      try database.run(
        sql: "DELETE FROM written_columns WHERE thread = ?", arguments: [row.thread.text])
      return
    }
    for column in columns.members ?? [] {
      try database.run(
        sql: """
          INSERT INTO written_columns VALUES (?, ?, ?)
          ON CONFLICT (thread, name) DO UPDATE SET value = excluded.value
          """,
        arguments: [row.thread.text, column.key, text(column.value)])
    }
  }

  static func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }

  static func json(_ text: String) -> JSONValue? { try? JSONValue(parsing: Array(text.utf8)) }
}
