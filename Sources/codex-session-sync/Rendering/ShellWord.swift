/// Words of a command line that a person copies.
enum ShellWord {
  /// A word as a shell reads it back.
  static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "/._-=:".contains($0) }
    if isPlain { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

extension CommonOptions {
  /// The homes, as they would be typed again behind a command; empty where none was given.
  var shellWords: String {
    [("--codex-home", codexHome), ("--local-home", localHome)].compactMap { option, value in
      value.map { " \(option) \(ShellWord.quoted($0))" }
    }.joined()
  }

  /// A remedy, with the homes where it is one of our commands.
  func withHomes(_ remedy: String) -> String {
    remedy.hasPrefix("codex-session-sync ") ? remedy + shellWords : remedy
  }
}
