/// Which texts can be values that Codex acts on when it opens a thread.
///
/// One that Codex cannot use makes it pass over a whole settings record, so that the one before rules, or refuse the
/// thread: an empty model or one of spaces ("No models are available"), an empty effort (0.149.0 to 0.163.0). So what
/// comes from elsewhere is taken only where nothing about it is odd.
public enum SettingWord {
  /// Whether a text is one line without anything invisible in it: no control or format characters, no blanks around.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - limit: how many bytes it may have.
  public static func isPlain(_ text: String, limit: Int = 1024) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, text.utf8.count <= limit else { return false }
    return !first.properties.isWhitespace && !last.properties.isWhitespace && scalars.allSatisfy(isVisible)
  }

  /// Whether a text can be a model's name; people give their own models names in any script.
  public static func isModel(_ text: String) -> Bool { isPlain(text, limit: 256) }

  /// Whether a text is a reasoning effort that Codex knows.
  ///
  /// The words are those of the schemas of 0.133.0 to 0.163.0; from 0.149.0 on Codex takes any word, and the model
  /// refuses it.
  public static func isEffort(_ text: String) -> Bool {
    ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"].contains(text)
  }

  /// A text of several lines without what is invisible in it, and not longer than a mebibyte.
  public static func cleaned(_ text: String) -> String {
    let kept = text.unicodeScalars.filter { isVisible($0) || $0 == "\n" || $0 == "\t" }
    var output = String(String.UnicodeScalarView(kept))
    while output.utf8.count > 1 << 20 { output.removeLast(max(1, output.count / 8)) }
    return output
  }

  /// The beginning of a key of somebody else's, as a report shows it.
  static func shown(_ key: String) -> String {
    let start = String(String.UnicodeScalarView(key.unicodeScalars.prefix(64)))
    return start == key ? cleaned(start) : cleaned(start) + "…"
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    // The joiners that scripts and emoji are written with.
    case .format: scalar == "\u{200C}" || scalar == "\u{200D}"
    default: true
    }
  }
}
