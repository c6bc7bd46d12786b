import ArgumentParser

/// A command line that was not understood, and what was meant perhaps.
struct UsageMistake {
  let arguments: [String]
  let commands: [String]

  /// A command that there is not; nil where there is, or none is named.
  ///
  /// The parser itself takes such a word for an argument too many, and `help` passes over it.
  var unknownCommand: Failure? {
    let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    guard let word = words.first, !word.hasPrefix("-"), word != "help", !commands.contains(word) else {
      return nil
    }
    let nearest = Self.nearest(to: word, of: commands).map { "Did you mean \($0)? " } ?? ""
    return .usage("There is no command \(word).", hint: nearest + "codex-session-sync --help lists them.")
  }

  /// The failure for what the parser said.
  func failure(_ message: String) -> Failure {
    let command = arguments.first.flatMap { commands.contains($0) ? " \($0)" : nil } ?? ""
    let sentences = message.hasSuffix("?") || message.hasSuffix(".") ? message : message + "."
    let nearest =
      message.contains("Did you mean")
      ? nil : arguments.lazy.compactMap { Self.nearest(to: $0, of: ["--help", "--version"]) }.first
    return .usage(
      sentences + (nearest.map { " Did you mean '\($0)'?" } ?? ""),
      hint: "See codex-session-sync\(command) --help.")
  }

  /// What people say for it elsewhere.
  private static let synonyms = [
    "export": "packup", "import": "sync", "merge": "sync", "undo": "rollback", "history": "log",
    "doctor": "sidecar-health",
  ]

  /// The word that was meant: the one of which `word` is a part, else the one with the fewest letters wrong.
  static func nearest(to word: String, of known: [String]) -> String? {
    if let meant = synonyms[word], known.contains(meant) { return meant }
    if let whole = known.first(where: { $0.split(separator: "-").contains(word[...]) }) { return whole }
    if word.count > 2, let longer = known.first(where: { $0.hasPrefix(word) }) { return longer }
    let candidates = known.map { (word: $0, distance: distance(Array(word), Array($0))) }
    guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance > 0,
      best.distance <= max(1, word.count / 3)
    else { return nil }
    return best.word
  }

  /// How many letters have to be put in, left out, changed, or swapped with the next (optimal string alignment).
  private static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var rows = [Array(0...other.count)]
    for i in one.indices {
      var row = [i + 1]
      for j in other.indices {
        var best = min(rows[i][j + 1], row[j]) + 1
        best = min(best, rows[i][j] + (one[i] == other[j] ? 0 : 1))
        if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[one.count][other.count]
  }
}
