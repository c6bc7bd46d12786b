import DurableFiles
import SystemPackage

/// The table of `docs/crash-safety.md`.
enum Report {
  private static let titles = [
    "command", "points", "torn writes", "recovered to before", "to after", "recovery killed 3×",
    "power losses",
    "faults", "failures",
  ]
  private static let marks = (begin: "<!-- matrix: written by make crash -->", end: "<!-- end of matrix -->")

  static func table(_ tallies: [(name: String, tally: Tally)]) -> String {
    var lines = ["| " + titles.joined(separator: " | ") + " |"]
    lines.append("| --- |" + String(repeating: " ---: |", count: titles.count - 1))
    var sums = [Int](repeating: 0, count: titles.count - 1)
    for (name, tally) in tallies {
      let numbers = [
        tally.points, tally.torn, tally.toBefore, tally.toAfter, tally.nested, tally.powerLosses,
        tally.faults,
        tally.failures.count,
      ]
      for (index, number) in numbers.enumerated() { sums[index] += number }
      lines.append(row(name, numbers))
    }
    lines.append(row("**all**", sums))
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ numbers: [Int]) -> String {
    "| \(name) | " + numbers.map(String.init).joined(separator: " | ") + " |"
  }

  /// Replaces what stands between the marks of a document.
  static func write(_ table: String, into document: FilePath) throws {
    let text = String(decoding: try FileReading.bytes(of: document), as: UTF8.self)
    guard let begin = text.firstRange(of: marks.begin), let end = text.firstRange(of: marks.end) else {
      throw Broken("the marks are missing")
    }
    let whole = text[..<begin.upperBound] + "\n\n" + table + "\n\n" + text[end.lowerBound...]
    try DurableFile.replace(document, with: Array(whole.utf8))
  }
}
