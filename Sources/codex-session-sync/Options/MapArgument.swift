import Rollout

/// The argument of `--map`: `FROM=TO`.
enum MapArgument {
  /// The one way to read an argument; nil where there is none, or more than one.
  ///
  /// A path may hold `=`: the sign that counts is the one with an absolute path on either side. Where two are, nobody
  /// can say what is meant, least of all of a folder that a stranger named.
  static func parse(_ text: String) -> PathMap.Prefix? {
    let bytes = Array(text.utf8)
    let ways = bytes.indices.filter { bytes[$0] == UInt8(ascii: "=") }.map { sign in
      PathMap.Prefix(
        from: String(decoding: bytes[..<sign], as: UTF8.self),
        to: String(decoding: bytes[(sign + 1)...], as: UTF8.self))
    }.filter { PathMap.isAbsolute($0.from) && PathMap.isAbsolute($0.to) }
    return ways.count == 1 ? ways.first : nil
  }

  /// The option as it is copied, to be read back just so; nil where it cannot be.
  ///
  /// - Parameter target: nil stands for a folder that the user puts there, `DIR`.
  static func option(from: String, to target: String?) -> String? {
    guard let read = parse("\(from)=\(target ?? "/DIR")"), read.from == from else { return nil }
    return "--map \(ShellWord.quoted("\(from)=\(target ?? "DIR")"))"
  }
}
