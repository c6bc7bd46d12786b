import CanonicalJSON
import CodexHome
import DurableFiles
import GRDB
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// A thread id with a number in it.
func id(_ number: Int) -> ThreadID {
  ThreadID(milliseconds: 1_700_000_000_000 + UInt64(number), entropy: [UInt8](repeating: 7, count: 10))
}

/// Runs `body` with the folder of a home that holds a `config.toml`.
func withHome(_ config: String = "", _ body: (FilePath) throws -> Void) throws {
  try withTemporaryFolder { folder in
    let home = folder.appending("home")
    try home.put("config.toml", config)
    try body(home)
  }
}

/// The tables of Codex 0.163.0 that this program writes to, as Codex made them; indices left out.
enum Schema {
  static let threads = """
    CREATE TABLE threads (
      id TEXT PRIMARY KEY, rollout_path TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
      source TEXT NOT NULL, model_provider TEXT NOT NULL, cwd TEXT NOT NULL, title TEXT NOT NULL,
      sandbox_policy TEXT NOT NULL, approval_mode TEXT NOT NULL, tokens_used INTEGER NOT NULL DEFAULT 0,
      archived INTEGER NOT NULL DEFAULT 0, archived_at INTEGER, git_sha TEXT, created_at_ms INTEGER,
      updated_at_ms INTEGER, preview TEXT NOT NULL DEFAULT '', recency_at INTEGER NOT NULL DEFAULT 0,
      recency_at_ms INTEGER NOT NULL DEFAULT 0, history_mode TEXT NOT NULL DEFAULT 'legacy', name TEXT,
      is_pinned INTEGER NOT NULL DEFAULT 0, daybreak_enabled BOOLEAN);
    CREATE TRIGGER threads_created_at_ms_after_insert AFTER INSERT ON threads WHEN NEW.created_at_ms IS NULL
    BEGIN UPDATE threads SET created_at_ms = NEW.created_at * 1000 WHERE id = NEW.id; END;
    CREATE TRIGGER threads_updated_at_ms_after_insert AFTER INSERT ON threads WHEN NEW.updated_at_ms IS NULL
    BEGIN UPDATE threads SET updated_at_ms = NEW.updated_at * 1000 WHERE id = NEW.id; END;
    CREATE TRIGGER threads_created_at_ms_after_update AFTER UPDATE OF created_at ON threads
    WHEN NEW.created_at != OLD.created_at AND NEW.created_at_ms IS OLD.created_at_ms
    BEGIN UPDATE threads SET created_at_ms = NEW.created_at * 1000 WHERE id = NEW.id; END;
    CREATE TRIGGER threads_updated_at_ms_after_update AFTER UPDATE OF updated_at ON threads
    WHEN NEW.updated_at != OLD.updated_at AND NEW.updated_at_ms IS OLD.updated_at_ms
    BEGIN UPDATE threads SET updated_at_ms = NEW.updated_at * 1000 WHERE id = NEW.id; END;
    CREATE TRIGGER threads_recency_at_after_insert AFTER INSERT ON threads WHEN NEW.recency_at_ms = 0
    BEGIN
      UPDATE threads SET recency_at = NEW.updated_at,
        recency_at_ms = COALESCE(NEW.updated_at_ms, NEW.updated_at * 1000) WHERE id = NEW.id;
    END;
    CREATE TABLE thread_dynamic_tools (
      thread_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
      input_schema TEXT NOT NULL, PRIMARY KEY(thread_id, position),
      FOREIGN KEY(thread_id) REFERENCES threads(id) ON DELETE CASCADE);
    CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY);
    INSERT INTO _sqlx_migrations VALUES (1), (61), (60);
    """

  static let history = [
    "thread_turns", "thread_items", "thread_realtime_items", "thread_history_projection_state",
  ]
  .map { "CREATE TABLE \($0) (thread_id TEXT, value TEXT);" }.joined()
}

/// A database as Codex keeps it: with a write-ahead log, open for as long as the value lives.
final class LiveDatabase {
  let path: FilePath
  let queue: DatabaseQueue

  init(_ path: FilePath, _ schema: String = Schema.threads) throws {
    self.path = path
    try Folder.create(path.removingLastComponent())
    queue = try DatabaseQueue(path: path.string)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
      try database.execute(sql: schema)
    }
  }

  func execute(_ sql: String) throws { try queue.write { try $0.execute(sql: sql) } }

  func strings(_ sql: String) throws -> [String] { try queue.read { try String.fetchAll($0, sql: sql) } }

  /// Moves everything from the log into the database file.
  func checkpoint() throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
  }

  /// Runs `body` while a change is in the file without a write-ahead log, and not committed.
  func withHalfAChange(_ sql: String, _ body: () throws -> Void) throws {
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN IMMEDIATE")
      defer { try? database.execute(sql: "ROLLBACK") }
      try database.execute(sql: sql)
      // More than the cache holds: SQLite has to write what it has.
      try database.execute(
        sql: """
          CREATE TABLE filling AS WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 999)
          SELECT zeroblob(1000) AS filling FROM numbers
          """)
      try body()
    }
  }

  func add(_ number: Int, title: String = "title") throws {
    try execute(
      """
      INSERT INTO threads (id, rollout_path, created_at, updated_at, source, model_provider, cwd, title,
        sandbox_policy, approval_mode)
      VALUES ('\(id(number))', '/r', 10, 20, 'cli', 'openai', '/w', '\(title)', '{}', 'never')
      """)
  }
}

/// The columns without a default.
let minimalRow: [JSONValue.Member] = [
  .init("rollout_path", "/r"), .init("created_at", 10), .init("updated_at", 20), .init("source", "cli"),
  .init("model_provider", "openai"), .init("cwd", "/w"), .init("title", "title"),
  .init("sandbox_policy", "{}"),
  .init("approval_mode", "never"),
]
