import CanonicalJSON

/// The ways in which programs spell one and the same JSON value.
public enum JSONSpelling: String, CaseIterable, Sendable {
  /// As Codex writes it.
  case compact
  /// As Python's `json.dumps(value, ensure_ascii=False)`, and so the transfer tool, writes it.
  case python
  /// As Python's `json.dumps(value)` writes it: everything outside ASCII escaped.
  case ascii
  /// With `\/`, upper-case escapes outside ASCII, and space wherever the grammar allows it.
  case loose

  /// The value in this spelling; a `.number` keeps its text.
  public func text(_ value: JSONValue) -> String {
    switch value {
    case .null, .bool, .integer, .number: return String(decoding: value.bytes, as: UTF8.self)
    case .string(let text): return quoted(text)
    case .array(let elements): return list("[", elements.map(text), "]")
    case .object(let members):
      return list("{", members.map { quoted($0.key) + colon + text($0.value) }, "}")
    }
  }

  /// The value in this spelling, in bytes.
  public func bytes(_ value: JSONValue) -> [UInt8] { Array(text(value).utf8) }

  private var colon: String {
    switch self {
    case .compact: ":"
    case .python, .ascii: ": "
    case .loose: " :\t"
    }
  }

  private func list(_ open: String, _ parts: [String], _ close: String) -> String {
    switch self {
    case .compact: open + parts.joined(separator: ",") + close
    case .python, .ascii: open + parts.joined(separator: ", ") + close
    case .loose: open + " " + parts.joined(separator: " , \r ") + "\t" + close
    }
  }

  private func quoted(_ text: String) -> String {
    let canonical = String(decoding: JSONValue.string(text).bytes, as: UTF8.self)
    guard self == .ascii || self == .loose else { return canonical }
    var output = ""
    for scalar in canonical.unicodeScalars {
      if scalar == "/", self == .loose {
        output += #"\/"#
      } else if scalar.isASCII {
        output.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: self == .loose)
          output += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return output
  }
}
