import CanonicalJSON

/// What the transfer tool's installer does to a transcript: each line parsed and written anew with Python's
/// separators, three kinds of path slot rewritten on the way.
public enum TransferTool {
  /// The lines as the tool installs them for the working directory `cwd`.
  public static func install(_ lines: [[UInt8]], cwd: String) throws -> [[UInt8]] {
    try lines.map { try install($0, cwd: cwd) }
  }

  /// One line as the tool installs it for the working directory `cwd`.
  public static func install(_ line: [UInt8], cwd: String) throws -> [UInt8] {
    var record = try JSONValue(parsing: line)
    let kind = record["type"]?.string
    guard var payload = record["payload"] else { return JSONSpelling.python.bytes(record) }
    if kind == "session_meta" || kind == "turn_context" { payload["cwd"] = .string(cwd) }
    if kind == "turn_context", var sandbox = payload["sandbox_policy"], sandbox.members != nil {
      sandbox["writable_roots"] = [.string(cwd)]
      payload["sandbox_policy"] = sandbox
    }
    if kind == "response_item", payload["type"] == "message", payload["role"] == "user",
      let content = payload["content"]?.array
    {
      payload["content"] = .array(content.map { rewritten($0, cwd) })
    }
    record["payload"] = payload
    return JSONSpelling.python.bytes(record)
  }

  private static func rewritten(_ part: JSONValue, _ cwd: String) -> JSONValue {
    guard let text = part["text"]?.string, let open = text.utf8.firstRange(of: "<cwd>".utf8),
      let close = text.utf8.firstRange(of: "</cwd>".utf8), close.lowerBound > open.upperBound
    else { return part }
    var part = part
    part["text"] = .string(text[..<open.upperBound] + cwd + text[close.lowerBound...])
    return part
  }
}
