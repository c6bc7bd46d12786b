import CanonicalJSON

/// What became of a transaction's threads: an undoing takes some back, and leaves those that somebody went on in.
extension Transaction {
  /// What the last undoing that met a thread did with it.
  public struct Fate: Sendable, Hashable {
    /// The transaction that undid it, or left it.
    public let transaction: String
    /// Why it was left, as the report of an undoing says it; nil where it was undone.
    public let reason: String?

    /// Whether what was done to the thread is taken back.
    public var isUndone: Bool { reason == nil }
  }

  /// What an undoing notes of one thread.
  public struct Undoing: Sendable, Hashable {
    /// The thread.
    public let thread: String
    /// What a person would call it; nil where nothing says.
    public let title: String?
    /// Those of the undone transactions that wrote to it.
    public let transactions: [String]
    /// Why it was left; nil where it was undone.
    public let reason: String?

    /// Creates a note.
    public init(thread: String, title: String?, transactions: [String], reason: String?) {
      self.thread = thread
      self.title = title
      self.transactions = transactions
      self.reason = reason
    }

    /// The note as it is kept among the details, under `threads`.
    public var json: JSONValue {
      [
        "thread_id": .string(thread), "title": title.map(JSONValue.string) ?? .null,
        "transactions": .array(transactions.map(JSONValue.string)),
        "reason": reason.map(JSONValue.string) ?? .null,
      ]
    }

    init?(_ json: JSONValue) {
      guard let thread = json["thread_id"]?.string else { return nil }
      self.init(
        thread: thread, title: json["title"]?.string,
        transactions: (json["transactions"]?.array ?? []).compactMap(\.string), reason: json["reason"]?.string
      )
    }
  }

  /// What it noted of the threads that it undid or left; nil where it is no undoing, or one of a version that noted
  /// only those that it left.
  public var undoings: [Undoing]? { details["threads"]?.array?.compactMap(Undoing.init) }

  /// Whether it was done, and at least a part of it was not undone since.
  public var stands: Bool { status == .committed || status == .partlyRolledBack }

  /// The transaction that undid this one, or a part of it, last.
  public var undoneBy: String? { undoers.first?.id }

  /// What became of one of its threads; nil where no undoing met it, or the undoing was itself undone.
  public func fate(of thread: String) -> Fate? {
    var left: Fate?
    for undoer in undoers {
      guard let met = undoer.met(thread, of: id) else { continue }
      if met.isUndone, undoer.fate(of: thread)?.isUndone == true { continue }
      if met.isUndone { return met }
      left = left ?? met
    }
    return left
  }

  /// The threads that its manifest names as written to.
  public var threads: Set<String> {
    let written = ["sessions", "adopted"].flatMap { details[$0]?.array ?? [] }
      .compactMap { $0["local_thread_id"]?.string }
    return Set(written).union((undoings ?? []).filter { $0.reason == nil }.map(\.thread))
  }

  /// Takes in which transactions undo this one, the newest first.
  mutating func settle(_ undoers: [Transaction]) {
    guard status == .committed, !undoers.isEmpty else { return }
    self.undoers = undoers
    let left = undoers.flatMap { undoer in undoer.left.filter { undoer.met($0, of: id) != nil } }
    let stands = threads.union(left).contains { fate(of: $0)?.isUndone != true }
    status = stands ? .partlyRolledBack : .rolledBack
  }

  /// The threads that it left as they were.
  private var left: [String] {
    if let undoings { return undoings.filter { $0.reason != nil }.map(\.thread) }
    return (details["kept"]?.array ?? []).compactMap { $0["thread_id"]?.string }
  }

  /// What it did with a thread of a transaction that it undid; nil where it did not meet it.
  private func met(_ thread: String, of transaction: String) -> Fate? {
    if let notes = details["threads"]?.array {
      let note = notes.first {
        $0["thread_id"]?.string == thread
          && $0["transactions"]?.array?.contains(.string(transaction)) == true
      }
      return note.map { Fate(transaction: id, reason: $0["reason"]?.string) }
    }
    let kept = details["kept"]?.array?.first { $0["thread_id"]?.string == thread }
    return Fate(transaction: id, reason: kept.map { $0["reason"]?.string ?? "" })
  }
}
