import CanonicalJSON
import Lineage
import Rollout

/// What one transaction of the journal tells the sidecar.
public struct JournalEntry: Sendable, Hashable {
  /// What it did with one session.
  public struct Session: Sendable, Hashable {
    /// The session's id in its package.
    public let remoteThread: ThreadID
    /// The thread that it is in here.
    public let localThread: ThreadID
    /// The digest of the conversation's first history record; nil where the journal does not say.
    public let lineageKey: RecordDigest?
    /// The marker in force, where there is one.
    public let marker: Marker?
    /// How long the history was that both sides had then, in records.
    public let baseLength: Int
    /// The digest of that history.
    public let baseDigest: RecordDigest?
    /// The rollout that was written, where the journal says so.
    public let rollout: ThreadID?
    /// Where the records of its sources lie in it.
    public let sources: [SourceRun]

    /// Creates a session's entry.
    public init(
      remoteThread: ThreadID, localThread: ThreadID, lineageKey: RecordDigest?, marker: Marker?,
      baseLength: Int, baseDigest: RecordDigest?, rollout: ThreadID? = nil, sources: [SourceRun] = []
    ) {
      self.rollout = rollout
      self.sources = sources
      self.remoteThread = remoteThread
      self.localThread = localThread
      self.lineageKey = lineageKey
      self.marker = marker
      self.baseLength = baseLength
      self.baseDigest = baseDigest
    }
  }

  /// A session that it delivered, and that a later transaction undid, or left where it undid others.
  public struct Undone: Sendable, Hashable {
    /// The session, with the history that the delivery left in its thread.
    public let session: Session
    /// The transaction that undid it.
    public let undoer: String
    /// When that was begun, RFC 3339.
    public let time: String
    /// Whether it left it.
    public let isKept: Bool

    /// Creates an entry.
    public init(session: Session, undoer: String, time: String, isKept: Bool) {
      self.session = session
      self.isKept = isKept
      self.undoer = undoer
      self.time = time
    }
  }

  /// A row of the catalogue that it wrote.
  public struct WrittenRow: Sendable, Hashable {
    /// The row's thread.
    public let thread: ThreadID
    /// The columns it wrote, nil where it removed the row.
    public let columns: JSONValue?

    /// Creates a row's entry.
    public init(thread: ThreadID, columns: JSONValue?) {
      self.thread = thread
      self.columns = columns
    }
  }

  /// The transaction.
  public let transaction: String
  /// The installation that packed what it took in; nil where the package did not say.
  public var origin: String?
  /// What it did.
  public var sessions: [Session] = []
  /// Threads that it took into lineages, and that no session of the origin maps to: adopted ones.
  public var unmapped: [Session] = []
  /// Sessions that a later undoing met.
  public var undone: [Undone] = []
  /// Mappings that it removed.
  public var pruned: [Sidecar.MappedSession] = []
  /// What the user said of the origin's paths.
  public var pathMappings: [PathMap.Prefix] = []
  /// Whether the user said that the origin is a machine of his.
  public var trustsOrigin = false
  /// The rows that it wrote, in order.
  public var rows: [WrittenRow] = []

  /// Creates an entry that tells nothing but that the transaction was looked at.
  public init(transaction: String) { self.transaction = transaction }
}
