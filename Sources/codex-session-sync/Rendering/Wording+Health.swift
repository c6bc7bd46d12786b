import SessionSync

extension Wording {
  /// What helps where an invariant does not hold.
  static func remedy(_ check: HealthReport.Check) -> String {
    switch check {
    case .transactionsAreSettled: "codex-session-sync recover"
    case .sidecarIsReadable: "codex-session-sync rebuild-sidecar --execute"
    case .sidecarAgreesWithJournal: "codex-session-sync rebuild-sidecar --execute"
    case .effectsAreOnDisk: "deliver the package again"
    case .mappingsLeadToThreads, .basesFitHistories: "codex-session-sync prune-invalid-mappings --execute"
    case .threadsAreDistinct:
      "delete the thread that is contained in the other, in Codex, if you do not want both"
    case .rolloutsAreReadable: "inspect-package names record and byte; restore the file from a backup"
    case .historiesOnlyGrow:
      "deliver the package again, which brings back what is missing; rebuild-sidecar --execute accepts what is there"
    case .rowsHaveFiles:
      "codex-session-sync adopt ID --execute, where it is in another place; else deliver a package that holds it"
    case .foldersCanBeRead: "connect the disk; if it is gone for good, remove the link or the empty folder"
    case .filesAreUnique: "remove the file that is not in use, once you are sure that you do not need it"
    case .filesHaveRows: "codex-session-sync adopt ID --execute"
    case .rowsFitFormats: "codex-session-sync adopt ID --execute"
    case .projectionsFitRollouts:
      "quit Codex, move thread_history_1.sqlite away, and open the thread: Codex reads it again"
    }
  }
}
