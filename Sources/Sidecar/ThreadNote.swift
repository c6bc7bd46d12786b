import DurableFiles
import Lineage
import Rollout

/// What a writing run saw of one local thread: what is compared, and the files it came from.
public struct ThreadNote: Sendable, Hashable {
  /// One file, as it was.
  public struct File: Sendable, Hashable {
    /// Relative to the home.
    public let path: String
    let stamp: String

    /// Notes a file.
    public init(path: String, stamp: FileStamp) {
      self.init(path: path, stampText: stamp.text)
    }

    /// Notes a file that could not be read: it matches nothing.
    public init(unread path: String) {
      self.init(path: path, stampText: Self.unread)
    }

    /// Whether it could not be read.
    public var isUnread: Bool { stamp == Self.unread }

    /// The device that the file was on; nil where it could not be read.
    public var device: UInt64? { stamp.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } }

    private static let unread = "unread"

    init(path: String, stampText: String) {
      self.path = path
      stamp = stampText
    }

    /// Whether the file still is what was noted.
    public func matches(_ now: FileStamp?) -> Bool { now?.text == stamp }
  }

  /// What is said of a thread besides its histories.
  public struct Facts: Sendable, Hashable {
    /// The transcript's format.
    public let format: SessionMeta.Format
    /// Where the thread was made.
    public let firstCwd: String?
    /// Where it works on this machine.
    public let localCwd: String?
    /// Where its last history record ends in the head's file, so that a tail is appended without reading what is
    /// before; nil where that is not known.
    public let lastHistory: RolloutEnding.Place?
    /// How many turns its history is of; nil where that is not known.
    public let turns: Int?

    /// Creates the facts.
    public init(
      format: SessionMeta.Format, firstCwd: String?, localCwd: String?, lastHistory: RolloutEnding.Place?,
      turns: Int?
    ) {
      self.turns = turns
      self.format = format
      self.firstCwd = firstCwd
      self.localCwd = localCwd
      self.lastHistory = lastHistory
    }
  }

  /// The thread as identity and classification see it.
  public let thread: LineageThread
  /// Format and folders.
  public let facts: Facts
  /// Every file the note depends on, the head first: older segments and bases too.
  public let files: [File]

  /// Creates a note.
  public init(thread: LineageThread, facts: Facts, files: [File]) {
    self.thread = thread
    self.facts = facts
    self.files = files
  }
}

extension FileStamp {
  /// The stamp as one column: any change of the file changes the text.
  fileprivate var text: String {
    [
      kind.rawValue, "\(device)", "\(inode)", "\(size)", "\(modified.seconds).\(modified.nanoseconds)",
      "\(changed.seconds).\(changed.nanoseconds)",
    ].joined(separator: " ")
  }
}
