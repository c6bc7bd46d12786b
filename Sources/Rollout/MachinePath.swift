/// An absolute path of some machine, of either flavour, seen as its anchor and components.
///
/// `\\?\C:\a`, `C:\a`, `c:/a` and `/mnt/c/a` (as WSL mounts it) have one anchor and compare equal.
struct MachinePath: Hashable {
  enum Flavour { case posix, windows }

  let flavour: Flavour
  /// `/`, `c:` or `\\server\share`.
  let anchor: String
  let components: [String]

  /// Bytes of the longest path that a system takes.
  static let longest = 4096

  /// Parses an absolute path; nil for a relative one, for one that is longer than any system takes, and for one with
  /// `..` in it: no rule may follow that upwards.
  init?(_ text: String) {
    if text.utf8.count > Self.longest { return nil }
    var rest = Substring(text)
    if rest.hasPrefix(#"\\?\UNC\"#) {
      rest = #"\\"# + rest.dropFirst(8)
    } else if rest.hasPrefix(#"\\?\"#) {
      rest = rest.dropFirst(4)
    }
    let bytes = Array(rest.utf8.prefix(3))
    if bytes.count >= 2, bytes[1] == UInt8(ascii: ":"), Self.isLetter(bytes[0]),
      bytes.count == 2 || bytes[2] == UInt8(ascii: "\\") || bytes[2] == UInt8(ascii: "/")
    {
      flavour = .windows
      anchor = rest.prefix(1).lowercased() + ":"
      components = Self.split(rest.dropFirst(2), windows: true)
    } else if rest.hasPrefix(#"\\"#) {
      let parts = Self.split(rest, windows: true)
      guard parts.count >= 2 else { return nil }
      flavour = .windows
      anchor = #"\\"# + parts[0].lowercased() + #"\"# + parts[1].lowercased()
      components = Array(parts.dropFirst(2))
    } else if rest.hasPrefix("/") {
      flavour = .posix
      let parts = Self.split(rest, windows: false)
      if parts.count >= 2, parts[0] == "mnt", parts[1].utf8.count == 1,
        Self.isLetter(parts[1].utf8.first ?? 0)
      {
        anchor = parts[1].lowercased() + ":"
        components = Array(parts.dropFirst(2))
      } else {
        anchor = "/"
        components = parts
      }
    } else {
      return nil
    }
    if components.contains("..") { return nil }
  }

  /// What is left of the path behind `prefix`, on component boundaries; nil where it is not under it.
  func suffix(behind prefix: MachinePath) -> [String]? {
    guard anchor == prefix.anchor, components.count >= prefix.components.count else { return nil }
    let folds = anchor != "/"
    let same = zip(components, prefix.components).allSatisfy {
      folds ? $0.lowercased() == $1.lowercased() : $0 == $1
    }
    return same ? Array(components.dropFirst(prefix.components.count)) : nil
  }

  /// `base` with components behind it, in the separators of `base`.
  static func join(_ base: String, _ suffix: [String]) -> String {
    let windows = MachinePath(base)?.flavour == .windows
    let separator = windows && !base.contains("/") ? #"\"# : "/"
    var text = base
    while text.count > 1, text.hasSuffix(separator) { text.removeLast() }
    // `C:` without a separator would be a place on the drive, not its root.
    if suffix.isEmpty, windows, text.utf8.count == 2 { return text + separator }
    return suffix.isEmpty
      ? text : (text == separator ? "" : text) + separator + suffix.joined(separator: separator)
  }

  /// What a Windows path is called on a system that mounts its drives as WSL does; nil for any other path.
  var posixSpelling: String? {
    if flavour == .posix { return nil }
    let top =
      anchor.hasSuffix(":") ? ["mnt", String(anchor.dropLast())] : Self.split(anchor[...], windows: true)
    return "/" + (top + components).joined(separator: "/")
  }

  private static func split(_ text: Substring, windows: Bool) -> [String] {
    text.split { $0 == "/" || windows && $0 == "\\" }.filter { $0 != "." }.map(String.init)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
