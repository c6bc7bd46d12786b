import GRDB
import Rollout

/// What is looked at when the sidecar itself is in question.
extension Sidecar {
  /// One mapping, and whose session it is about.
  public struct MappedSession: Sendable, Hashable {
    /// The installation that packed it.
    public let origin: String
    /// The session's id there.
    public let remoteThread: ThreadID
    /// Where it is here.
    public let localThread: ThreadID
    /// The length of the sync base, in records.
    public let baseLength: Int
    /// Its prefix digest; nil where that is not known.
    public let baseDigest: RecordDigest?

    /// Describes a mapping.
    public init(
      origin: String, remoteThread: ThreadID, localThread: ThreadID, baseLength: Int,
      baseDigest: RecordDigest? = nil
    ) {
      self.origin = origin
      self.remoteThread = remoteThread
      self.localThread = localThread
      self.baseLength = baseLength
      self.baseDigest = baseDigest
    }
  }

  /// All mappings.
  public func mappings() throws(SidecarError) -> [MappedSession] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT origin, remote_thread, local_thread, base_length, base_digest FROM mappings
          ORDER BY origin, remote_thread
          """
      ).compactMap { row in
        guard let remote = ThreadID(row[1]), let local = ThreadID(row[2]) else { return nil }
        return MappedSession(
          origin: row[0], remoteThread: remote, localThread: local, baseLength: row[3],
          baseDigest: (row[4] as String?).flatMap(RecordDigest.init(hex:)))
      }
    }
  }

  /// The threads that were noted.
  public func notedThreads() throws(SidecarError) -> Set<ThreadID> {
    try read { database in
      Set(try String.fetchAll(database, sql: "SELECT thread FROM notes").compactMap(ThreadID.init))
    }
  }

  /// The rows of each table that the journal tells, as text, to be compared with another sidecar's.
  ///
  /// - Parameter missing: threads that are not here; mappings to them may have been pruned.
  public func journalContent(without missing: Set<ThreadID>) throws(SidecarError) -> [String: [String]] {
    try read { database in
      var content: [String: [String]] = [:]
      for table in Schema.journalTables {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").filter { row in
          guard table == "mappings", let local: String = row["local_thread"] else { return true }
          return ThreadID(local).map { !missing.contains($0) } ?? true
        }
        content[table] = rows.map { $0.databaseValues.map(\.description).joined(separator: " ") }.sorted()
      }
      return content
    }
  }
}

extension Sidecar {
  /// The version of the tables: how many migrations make them.
  public static var schemaVersion: Int { Schema.version }

  /// The statements that make the tables, as the migrations leave them.
  public static func tables() throws(SidecarError) -> [String] {
    try inMemory().read { database in
      try String.fetchAll(
        database,
        sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'grdb%' ORDER BY rowid")
    }
  }
}
