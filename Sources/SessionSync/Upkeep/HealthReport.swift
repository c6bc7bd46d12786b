import Rollout
import Sidecar
import SystemPackage

/// What `sidecar-health` found.
public struct HealthReport: Sendable {
  /// One invariant.
  public enum Check: String, Sendable, CaseIterable {
    /// No transaction is open.
    case transactionsAreSettled = "transactions_are_settled"
    /// The sidecar can be read.
    case sidecarIsReadable = "sidecar_is_readable"
    /// The sidecar says what the journal says.
    case sidecarAgreesWithJournal = "sidecar_agrees_with_journal"
    /// What committed transactions wrote is there, as far as the user did not delete or rewind it.
    case effectsAreOnDisk = "effects_are_on_disk"
    /// Every mapping leads to a thread.
    case mappingsLeadToThreads = "mappings_lead_to_threads"
    /// Every sync base is the beginning of a history of its thread.
    case basesFitHistories = "bases_fit_histories"
    /// No two threads are copies of one conversation, the one the beginning of the other.
    case threadsAreDistinct = "threads_are_distinct"
    /// Every folder that rollouts are kept in can be looked into; a disk that is away is a finding, a folder without
    /// permission only a note.
    case foldersCanBeRead = "folders_can_be_read"
    /// Every rollout can be read.
    case rolloutsAreReadable = "rollouts_are_readable"
    /// No thread lost records since it was noted, or has others in their place.
    case historiesOnlyGrow = "histories_only_grow"
    /// No rollout is here twice: Codex uses one of them, the other is only told of.
    case filesAreUnique = "files_are_unique"
    /// Every thread in which something was said is in the catalogue.
    case filesHaveRows = "files_have_rows"
    /// Every row of the catalogue has its file.
    case rowsHaveFiles = "rows_have_files"
    /// Every row says the format that its file has.
    case rowsFitFormats = "rows_fit_formats"
    /// Every row names a provider that is configured here.
    case providersAreConfigured = "providers_are_configured"
    /// What Codex derived from rollouts fits them.
    case projectionsFitRollouts = "projections_fit_rollouts"
  }

  /// What contradicts an invariant.
  public struct Finding: Sendable, Hashable {
    /// The invariant.
    public let check: Check
    /// The transaction, thread or table it is about.
    public let subject: String
    /// What is wrong with it.
    public let detail: String
    /// Whether nothing has to be mended: it is what the user's own doing leads to, or nobody can mend it here.
    public let isExpected: Bool
    /// What helps.
    public let remedy: Remedy

    init(_ check: Check, _ subject: String, _ detail: String, _ remedy: Remedy, isExpected: Bool = false) {
      self.check = check
      self.subject = subject
      self.detail = detail
      self.remedy = remedy
      self.isExpected = isExpected
    }
  }

  /// What helps where an invariant does not hold; each ends in a sound home, perhaps with another remedy in between.
  public enum Remedy: Sendable, Hashable {
    /// `recover`.
    case recover
    /// `rebuild-sidecar`, which accepts what is there.
    case rebuild
    /// `prune-invalid-mappings`.
    case prune
    /// `adopt` with this thread.
    case adopt(ThreadID)
    /// The delivery that brought what is missing, again; where its package is gone, `rebuild-sidecar`.
    case deliver(Delivery, isThere: Bool)
    /// Codex's own deletion of a thread (0.149.0 and later; earlier ones forget the row when they list).
    case delete(ThreadID)
    /// The right to read a file.
    case permit(FilePath)
    /// Moving a file away that is no rollout to anybody.
    case moveAway(FilePath)
    /// Packing the thread and taking it in again, which gives it the provider that is active here.
    case packAndSync(ThreadID)
    /// Moving Codex's derived database away: it makes it anew.
    case deriveAgain(FilePath)
    /// Nothing: nobody can mend it here.
    case none
  }

  /// A delivery as the journal knows it.
  public struct Delivery: Sendable, Hashable {
    /// The package as it was given then.
    public let package: FilePath
    /// When it was taken in, RFC 3339.
    public let time: String
  }

  /// All findings, in the order of the checks.
  public let findings: [Finding]
  /// Mappings that lead nowhere or cannot be right; `prune-invalid-mappings` removes exactly these.
  public let invalidMappings: [Sidecar.MappedSession]

  /// Threads that count as deleted here, because a run saw them once: after a restore this may be wrong.
  public let deleted: [ThreadID]

  /// Whether nothing is wrong: there is no finding but expected ones.
  public var isSound: Bool { findings.allSatisfy(\.isExpected) }

  /// What contradicts one invariant.
  public func findings(of check: Check) -> [Finding] { findings.filter { $0.check == check } }
}
