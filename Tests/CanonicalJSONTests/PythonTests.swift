import CanonicalJSON
import Foundation
import JSONTestSupport
import SyncTestSupport
import SystemPackage
import Testing

/// What Python makes of a text is what the transfer tool makes of a transcript.
@Suite struct PythonTests {
  private static let program = """
    import json, sys
    for line in sys.stdin.buffer.read().split(b"\\n"):
        if line:
            text = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
            sys.stdout.buffer.write(text.encode("utf-8") + b"\\n")
    """

  /// The lines as Python writes them; nil where there is no Python.
  private func rewritten(_ lines: [[UInt8]]) throws -> [[UInt8]]? {
    try withTemporaryFolder { folder in
      let script = try folder.put("rewrite.py", Self.program)
      let input = try folder.put("input", Array(lines.joined(separator: [0x0A])))
      let output = folder.appending("output")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "python3 \"$1\" < \"$2\" > \"$3\"", "sh", script.string, input.string, output.string,
      ]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 127 ? nil : try output.lines()
    }
  }

  @Test func ourCanonicalFormIsWhatPythonWrites() throws {
    var generator = ValueGenerator(source: SeededGenerator())
    print("seed \(generator.source.seed)")
    var values: [JSONValue] = []
    while values.count < 4000 {
      let value = generator.value(depth: 3)
      if Self.survivesPython(value) { values.append(value) }
    }
    values += ["5e-324", "0.1", "1e16", "9007199254740993.0", "1e-5", "-0.0"].map(JSONValue.number)
    let lines = values.enumerated().map { JSONSpelling.allCases[$0.offset % 4].bytes($0.element) }
      .map { $0.map { $0 == 0x0A ? 0x20 : $0 } }
    guard let python = try rewritten(lines) else { return }
    try #require(python.count == lines.count)
    for (line, theirs) in zip(lines, python) {
      try #require(
        try JSONText(line).canonical == theirs,
        "seed \(generator.source.seed), \(String(decoding: line, as: UTF8.self))")
    }
  }

  /// Python joins duplicate keys, and knows a number that no double holds as `Infinity`.
  private static func survivesPython(_ value: JSONValue) -> Bool {
    switch value {
    case .number(let text): Double(text).map(\.isFinite) ?? false
    case .array(let elements): elements.allSatisfy(survivesPython)
    case .object(let members):
      Set(members.map { Array($0.key.utf8) }).count == members.count
        && members.allSatisfy { survivesPython($0.value) }
    default: true
    }
  }
}
