import SessionSync

/// What `--version` says.
enum Version {
  static let number = "0.1.0"
  static let text = "codex-session-sync \(number) (reports: \(Report.schema))"
}
