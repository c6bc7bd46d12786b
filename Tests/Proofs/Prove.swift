import CanonicalJSON
import JSONTestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The long proofs of the canonical form: `prove records COUNT [SEED]` and `prove numbers COUNT [SEED]`.
@main
enum Prove {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 2, let count = Int(arguments[2]) else { return complain("see `make prove`") }
    let seed = arguments.count > 3 ? UInt64(arguments[3]) : nil
    switch arguments[1] {
    case "records": try await records(count, seed: seed ?? .random(in: 0...UInt64.max))
    case "numbers": numbers(count, seed: seed ?? .random(in: 0...UInt64.max))
    default: complain("see `make prove`")
    }
  }

  /// Holds generated records against the reference parser, half of them on either core.
  private static func records(_ count: Int, seed: UInt64) async throws {
    let workers = 2
    let damaged = try await withThrowingTaskGroup { group in
      for worker in 0..<workers {
        group.addTask {
          var proof = CanonicalProof(seed: seed &+ UInt64(worker))
          for _ in 0..<(count / workers) { try proof.checkNext() }
          return proof.damagedButValid
        }
      }
      return try await group.reduce(0, +)
    }
    print("records: \(count / workers * workers) held, and \(damaged) that damage left valid; seed \(seed)")
  }

  /// Writes doubles and our spellings of them to standard output, in batches that `compare_numbers.py` reads: the
  /// doubles, the length of the text as four bytes, the text.
  private static func numbers(_ count: Int, seed: UInt64) {
    complain("numbers: seed \(seed)")
    var samples = DoubleSamples(seed: seed)
    var proof = CanonicalProof(seed: seed)
    for start in stride(from: 0, to: count, by: DoubleSamples.batch) {
      let doubles = samples.next(index: start / DoubleSamples.batch)
      let text = "[" + doubles.enumerated().map { spelling($1, $0) }.joined(separator: ", ") + "]"
      let canonical = proof.canonical(Array(text.utf8)) ?? []
      var output: [UInt8] = []
      for double in doubles { withUnsafeBytes(of: double.bitPattern.littleEndian) { output += $0 } }
      withUnsafeBytes(of: UInt32(canonical.count).littleEndian) { output += $0 }
      output += canonical
      put(output)
    }
  }

  /// One of several spellings of a double, few of them canonical.
  private static func spelling(_ double: Double, _ index: Int) -> String {
    let text = double.description
    if text.utf8.contains(UInt8(ascii: "e")) { return index % 2 == 0 ? text : text.uppercased() }
    return text + ["", "e0", "00", "E-00"][index % 4]
  }

  private static func put(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
      guard written > 0 else { exit(1) }
      rest = rest.dropFirst(written)
    }
  }

  private static func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
