import CodexHome
import DurableFiles
import Rollout
import SessionPackage
import SystemPackage

/// Why one session is not written although its classification says it should be.
///
/// The others go on.
public struct Blocker: Hashable, Sendable {
  /// The kinds of blocker.
  public enum Code: String, Sendable, CaseIterable {
    /// Codex has the local thread loaded.
    case busy
    /// A fork's or segment's base is missing, or does not fit.
    case incompleteLineage = "incomplete_lineage"
    /// A file is missing or cannot be understood.
    case damaged
    /// A file is there, and this user cannot read it.
    case unreadable
    /// A file or folder that the session needs cannot be written by this user.
    case unwritable
    /// What would be appended is in the other format.
    case historyModeMismatch = "history_mode_mismatch"
    /// The Codex that made the local catalogue cannot read the session's format.
    case unsupportedByLocalCodex = "unsupported_by_local_codex"
    /// The session's entry in the package is dangerous.
    case unsafe
    /// It would work in a folder that no package chooses: the home folder, the Codex home, a hidden folder.
    case unsafeFolder = "unsafe_folder"
    /// It asks for more memory or disk than what it is explains.
    case overLimit = "over_limit"
    /// The local thread's file is not one that this program writes to: outside the home, or under a name of its own.
    case foreignFile = "foreign_file"
  }

  /// The kind.
  public let code: Code
  /// The file it is about, if there is one.
  public let path: String?
  /// What exactly was found: a stable word, and where it helps a value.
  public let detail: String?
  /// The record of a rollout that it is about.
  public let place: RolloutDefect.Place?
  /// The process that is in the way, where that can be seen.
  public let process: RunningCodex.Process?

  /// Creates a blocker.
  public init(
    _ code: Code, path: String? = nil, detail: String? = nil, place: RolloutDefect.Place? = nil,
    process: RunningCodex.Process? = nil
  ) {
    self.code = code
    self.path = path
    self.detail = detail
    self.place = place
    self.process = process
  }

  /// Turns the reason why a rollout cannot be used into a blocker.
  public init(_ error: RolloutError) {
    switch error {
    case .file(let error) where error.errno == .noSuchFileOrDirectory:
      self.init(.damaged, path: error.path.string, detail: "missing")
    case .file(let error): self.init(.unreadable, path: error.path.string, detail: "\(error.errno)")
    case .compression(let path, let reason):
      let place = RolloutDefect(in: path)?.place
      self.init(.damaged, path: path.string, detail: "damaged_compression: \(reason)", place: place)
    case .changed(let path): self.init(.damaged, path: path.string, detail: "changed_while_reading")
    case .noSessionMeta(let path):
      let reason = RolloutDefect(in: path).map { ": \($0.reason)" } ?? ""
      self.init(.damaged, path: path.string, detail: "no_session_meta\(reason)", place: .first)
    case .foreignID(let path, let id):
      let detail = "session_meta_names_another_thread: \(id)"
      self.init(.damaged, path: path.string, detail: detail, place: .first)
    case .missingBase(let path, let rollout):
      self.init(.incompleteLineage, path: path.string, detail: "missing_base: \(rollout)", place: .first)
    case .unfittingBase(let path, let rollout):
      self.init(.incompleteLineage, path: path.string, detail: "unfitting_base: \(rollout)", place: .first)
    case .overLimit(let path, let kind): self.init(.overLimit, path: path.string, detail: kind.rawValue)
    case .circularBase(let path):
      self.init(.incompleteLineage, path: path.string, detail: "circular_base", place: .first)
    }
  }

  /// What cannot be written.
  init(unwritable error: FileError) {
    self.init(.unwritable, path: error.path.string, detail: "\(error.errno)")
  }

  /// What Codex would not read; nil where it reads it.
  init?(unfit scan: RolloutScan) {
    guard !scan.meta.unfitKeys.isEmpty else { return nil }
    self.init(
      .damaged, path: scan.path.string,
      detail: "codex_cannot_read_it: session_meta lacks \(scan.meta.unfitKeys.joined(separator: ", "))",
      place: .first)
  }

  init(_ problem: PackagedSession.Problem) {
    switch problem {
    case .missingRollout(let name): self.init(.damaged, path: name, detail: "missing_rollout")
    case .duplicateRow(let lines):
      let lines = lines.map(String.init).joined(separator: ", ")
      self.init(.damaged, path: "metadata/threads.jsonl", detail: "duplicate_row: lines \(lines)")
    case .invalidRow(let line, let field):
      self.init(.damaged, path: "metadata/threads.jsonl", detail: "invalid_row: line \(line), \(field)")
    case .checksumMismatch(let name): self.init(.damaged, path: name, detail: "checksum_mismatch")
    case .unsafeName(let name): self.init(.unsafe, path: name, detail: "unsafe_name")
    case .doubledKey(let file, let line, let key):
      self.init(.unsafe, path: file, detail: "doubled_key: line \(line), \(key)")
    case .hollow(let name):
      self.init(.overLimit, path: name, detail: RolloutLimits.Kind.ratio.rawValue)
    case .rolloutOfAnotherThread(let name):
      self.init(.damaged, path: name, detail: "rollout_of_another_thread")
    }
  }
}

/// What a person should know of one session, although it blocks nothing.
public struct SessionWarning: Hashable, Sendable {
  /// The kinds of warning.
  public enum Code: String, Sendable, CaseIterable {
    /// An incomplete last line was left out.
    case tornTail = "torn_tail"
    /// Lines that are not JSON are carried along.
    case linesNotJSON = "lines_not_json"
    /// Lines that are no UTF-8 are left out.
    case linesNotUTF8 = "lines_not_utf8"
    /// Codex reads nothing of the thread: its first record lacks something.
    case unfitForCodex = "unfit_for_codex"
    /// The file here is no transcript to anybody; it goes into the journal, and the copy takes its place.
    case unreadableReplaced = "unreadable_replaced"
    /// Record types this program does not know count as history.
    case unknownRecords = "unknown_records"
    /// No rule says where the working directory is on this machine.
    case cwdUnmapped = "cwd_unmapped"
    /// The working directory does not exist here.
    case cwdMissing = "cwd_missing"
    /// The provider is not configured here; the catalogue gets the local default.
    case providerReplaced = "provider_replaced"
    /// The provider is configured here, but another one is active, of which alone Codex lists threads by default.
    case providerInactive = "provider_inactive"
    /// Codex here is too old to honour the closing settings record.
    case settingsNotHonoured = "settings_not_honoured"
    /// Keys that Codex would act on, or that are not known, do not travel.
    case keysDropped = "keys_dropped"
    /// Name or archived state differ, and are left as they are.
    case metadataDiffers = "metadata_differs"
    /// Only files are written: the catalogue is missing, damaged or newer than known.
    case filesOnly = "files_only"
    /// Without a catalogue the newest segment by name is taken as the head.
    case headByName = "head_by_name"
    /// The local thread has fewer records than it had, although nobody rewound it.
    case localShrunk = "local_shrunk"
    /// The session has fewer records than its origin delivered before.
    case incomingShrunk = "incoming_shrunk"
    /// It was delivered here before, and that was undone.
    case undoneBefore = "undone_before"
    /// It was delivered here before, and stayed when that was undone.
    case keptBefore = "kept_before"
    /// The package has no row for the session; its catalogue entry is made from the transcript.
    case missingRow = "missing_row"
    /// There is another file of the thread, which Codex does not use.
    case otherCopy = "other_copy"
  }

  /// The kind.
  public let code: Code
  /// What exactly was found.
  public let detail: String?

  /// Creates a warning.
  public init(_ code: Code, _ detail: String? = nil) {
    self.code = code
    self.detail = detail
  }
}
