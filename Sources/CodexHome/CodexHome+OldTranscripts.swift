import DurableFiles
import SystemPackage

extension CodexHome {
  /// The transcripts that Codex wrote in May 2025: `rollout-<day>-<id>.json` at the top of `sessions/`, one JSON object
  /// each.
  ///
  /// No Codex of today lists or reads them (0.133.0 to 0.163.0).
  public func transcriptsOfMay2025() -> [FilePath] {
    ((try? Folder.names(in: sessions)) ?? [])
      .filter { $0.hasPrefix("rollout-2025-") && $0.hasSuffix(".json") }.map { sessions.appending($0) }
  }
}
