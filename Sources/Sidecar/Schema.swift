import GRDB

/// The tables of `sidecar.sqlite`, one migration a change.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: lineages and notes") { database in
      try journalTables(database)
      try noteTables(database)
    }
    migrator.registerMigration("2: where the last history record ends") { database in
      try database.execute(
        sql: """
          -- In the head's file; NULL where that is not known.
          ALTER TABLE notes ADD COLUMN last_history_end INTEGER;
          ALTER TABLE notes ADD COLUMN last_history_ordinal INTEGER;
          """)
    }
    migrator.registerMigration("3: how many turns") { database in
      try database.execute(sql: "ALTER TABLE notes ADD COLUMN turns INTEGER")
    }
    migrator.registerMigration("4: trusted origins") { database in
      try database.execute(
        sql: """
          CREATE TABLE trusted_origins (
            -- Machines of which the user said that they are his.
            origin TEXT PRIMARY KEY,
            transaction_id TEXT NOT NULL
          ) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("5: what was undone") { database in
      try database.execute(
        sql: """
          -- Which version of these tables a transaction was taken into; see `telling`.
          ALTER TABLE transactions ADD COLUMN told INTEGER NOT NULL DEFAULT 3;

          CREATE TABLE undone_sessions (
            -- Sessions whose delivery was undone, or left when the rest was: with the history that it had brought to.
            lineage_key TEXT NOT NULL,
            base_length INTEGER NOT NULL,
            base_digest TEXT NOT NULL,
            local_thread TEXT NOT NULL,
            undoer TEXT NOT NULL,
            undone_at TEXT NOT NULL,
            is_kept INTEGER NOT NULL,
            transaction_id TEXT NOT NULL
          );
          CREATE INDEX undone_sessions_by_key ON undone_sessions (lineage_key);
          """)
    }
    return migrator
  }

  /// The version of what the journal tells: what was told before is told again.
  static let telling = 4

  static var version: Int { migrator.migrations.count }

  /// What is told by the journal: these tables can be made from it alone.
  static let journalTables = [
    "transactions", "lineages", "mappings", "source_runs", "path_mappings", "written_columns",
    "trusted_origins",
    "undone_sessions",
  ]

  private static func journalTables(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE transactions (
          -- The transactions that the tables below know of.
          id TEXT PRIMARY KEY
        ) WITHOUT ROWID;

        CREATE TABLE lineages (
          -- Which conversation a thread belongs to that was written here; the marker where it has one.
          thread TEXT PRIMARY KEY,
          lineage_key TEXT,
          root_thread TEXT NOT NULL,
          marker TEXT,
          transaction_id TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE mappings (
          -- Where an origin's thread is here, and the history that both sides had then: the sync base.
          origin TEXT NOT NULL,
          remote_thread TEXT NOT NULL,
          local_thread TEXT NOT NULL,
          base_length INTEGER NOT NULL,
          base_digest TEXT,
          transaction_id TEXT NOT NULL,
          PRIMARY KEY (origin, remote_thread)
        ) WITHOUT ROWID;

        CREATE TABLE source_runs (
          -- Where the records of other machines' rollouts lie in rollouts here, by the ends of their lines.
          source TEXT NOT NULL,
          first_end INTEGER NOT NULL,
          last_end INTEGER NOT NULL,
          shift INTEGER NOT NULL,
          ordinal_shift INTEGER NOT NULL,
          rollout TEXT NOT NULL,
          transaction_id TEXT NOT NULL
        );
        CREATE INDEX source_runs_by_source ON source_runs (source, first_end);

        CREATE TABLE path_mappings (
          -- What the user said of an origin's paths.
          origin TEXT NOT NULL,
          source TEXT NOT NULL,
          target TEXT NOT NULL,
          transaction_id TEXT NOT NULL,
          PRIMARY KEY (origin, source)
        ) WITHOUT ROWID;

        CREATE TABLE written_columns (
          -- What was written into a thread's row last: what differs from it the user changed himself.
          thread TEXT NOT NULL,
          name TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (thread, name)
        ) WITHOUT ROWID;
        """)
  }

  private static func noteTables(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE notes (
          -- What a writing run last saw of each thread of the home.
          thread TEXT PRIMARY KEY,
          marker TEXT,
          is_declared_fork INTEGER NOT NULL,
          created INTEGER NOT NULL,
          open_turn TEXT,
          ended_turn TEXT,
          format TEXT NOT NULL,
          first_cwd TEXT,
          local_cwd TEXT
        ) WITHOUT ROWID;

        CREATE TABLE note_files (
          -- The files it was read from, the head first: while their stamps stand, nothing is read again.
          thread TEXT NOT NULL REFERENCES notes(thread) ON DELETE CASCADE,
          position INTEGER NOT NULL,
          path TEXT NOT NULL,
          stamp TEXT NOT NULL,
          PRIMARY KEY (thread, position)
        ) WITHOUT ROWID;

        CREATE TABLE note_histories (
          -- The histories of its head (position 0) and of its older segments, 32 bytes a record: in pieces of 1,024
          -- records, so that one that grew is not written anew. The first piece knows the lineage key.
          thread TEXT NOT NULL REFERENCES notes(thread) ON DELETE CASCADE,
          position INTEGER NOT NULL,
          piece INTEGER NOT NULL,
          lineage_key TEXT,
          digests BLOB NOT NULL,
          PRIMARY KEY (thread, position, piece)
        );
        CREATE INDEX note_histories_by_key ON note_histories (lineage_key);
        """)
  }
}
