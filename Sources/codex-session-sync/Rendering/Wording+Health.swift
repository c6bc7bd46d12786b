import SessionSync
import SystemPackage

extension Wording {
  /// What helps where an invariant does not hold, for the whole check: what its findings have in common.
  static func remedy(_ check: HealthReport.Check) -> String {
    switch check {
    case .transactionsAreSettled: "codex-session-sync recover"
    case .sidecarIsReadable, .sidecarAgreesWithJournal: "codex-session-sync rebuild-sidecar --execute"
    case .effectsAreOnDisk, .historiesOnlyGrow:
      "deliver the package again; codex-session-sync rebuild-sidecar --execute accepts what is there"
    case .mappingsLeadToThreads, .basesFitHistories: "codex-session-sync prune-invalid-mappings --execute"
    case .threadsAreDistinct: "codex delete ID --force, if you do not want both"
    case .rolloutsAreReadable: "each finding says what helps"
    case .rowsHaveFiles:
      "codex-session-sync adopt ID --execute, where it is in another place; else deliver a package that holds it, or "
        + "codex delete ID --force"
    case .foldersCanBeRead: "connect the disk; if it is gone for good, remove the link or the empty folder"
    case .filesAreUnique: "remove the file that is not in use, once you are sure that you do not need it"
    case .filesHaveRows: "codex-session-sync adopt ID --execute"
    case .rowsFitFormats: "codex-session-sync adopt ID --execute"
    case .providersAreConfigured:
      "configure the provider in config.toml again; or codex-session-sync packup --thread ID --output FILE.zip, and sync FILE.zip --execute, which gives the thread the active one"
    case .projectionsFitRollouts: "quit Codex, and move thread_history_1.sqlite away: Codex makes it anew"
    }
  }

  /// What helps where one finding was made; nil where nothing has to be done.
  ///
  /// - Parameter homes: the options that name the homes, to be put behind a command of ours.
  static func remedy(_ finding: HealthReport.Finding, homes: String) -> String? {
    func command(_ words: String) -> String { "codex-session-sync \(words)\(homes)" }
    func quoted(_ path: FilePath) -> String { ShellWord.quoted(path.string) }
    let rebuild = command("rebuild-sidecar --execute")
    switch finding.remedy {
    case .recover: return command("recover")
    case .rebuild: return rebuild
    case .prune: return command("prune-invalid-mappings --execute")
    case .adopt(let thread): return command("adopt \(thread) --execute")
    case .deliver(let delivery, isThere: true):
      return command("sync \(quoted(delivery.package)) --execute")
    case .deliver(let delivery, isThere: false):
      let day = delivery.time.prefix(10)
      return
        "\(rebuild)  # \(quoted(delivery.package)), taken in on \(day), is gone: this accepts what is there"
    case .delete(let thread): return "codex delete \(thread) --force"
    case .permit(let path): return "sudo chown \"$(id -un)\" \(quoted(path)) && chmod u+rw \(quoted(path))"
    case .moveAway(let path): return "mv \(quoted(path)) \(quoted(FilePath("\(path).damaged")))"
    case .deriveAgain(let path):
      return "mv \(quoted(path)) \(quoted(FilePath("\(path).old")))  # quit Codex first: it makes it anew"
    case .packAndSync(let thread):
      let package = ShellWord.quoted("\(thread).zip")
      return command("packup --thread \(thread) --output \(package)") + " && "
        + command("sync \(package) --execute")
    case .none: return nil
    }
  }
}
