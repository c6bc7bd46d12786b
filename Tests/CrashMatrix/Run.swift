import DurableFiles
import Foundation
import SystemPackage

/// Plays the crash matrix and prints its table.
///
/// `ONLY=TEXT` plays the scenarios whose names hold it, `PASSES=crash,nested,power,faults` some passes, `STRIDE=N` every
/// Nth point beyond the first level, `POINT=N` one point; `DOCUMENT=FILE` gets the table between its marks.
@main
struct Run {
  static func main() async {
    // `make` passes on what is not set as empty.
    let environment = ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }
    guard let program = environment["CODEX_SESSION_SYNC"], let shim = environment["CRASH_POINTS"] else {
      complain("CODEX_SESSION_SYNC and CRASH_POINTS say where program and shim are; `make crash` sets both")
      exit(64)
    }
    let base =
      environment["SCRATCH"] ?? (FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp")
    let scratch = FilePath(base).appending("crash-matrix-\(ProcessInfo.processInfo.processIdentifier)")
    let passes = environment["PASSES"].map {
      Set($0.split(separator: ",").compactMap { Matrix.Pass(rawValue: String($0)) })
    }
    let matrix = Matrix(
      scenarios: Scenario.all.filter { environment["ONLY"].map($0.name.contains) ?? true },
      passes: passes ?? Set(Matrix.Pass.allCases), stride: environment["STRIDE"].flatMap(Int.init) ?? 1,
      point: environment["POINT"].flatMap(Int.init), tools: .init(program: program, shim: shim),
      scratch: scratch,
      workers: environment["WORKERS"].flatMap(Int.init) ?? ProcessInfo.processInfo.activeProcessorCount)
    let start = Date()
    let tallies = await matrix.run()
    let seconds = Int(Date().timeIntervalSince(start))
    let table = Report.table(tallies)
    print(table)
    print("\(seconds) s")
    for (name, tally) in tallies {
      for failure in tally.failures { print("\(name), \(failure)") }
    }
    if environment["KEEP"] == nil { try? Folder.removeTree(scratch) }
    let isGreen = tallies.allSatisfy { $0.tally.failures.isEmpty }
    if let document = environment["DOCUMENT"], isGreen {
      do { try Report.write(table, into: FilePath(document)) } catch { complain("\(document): \(error)") }
    }
    exit(isGreen ? 0 : 1)
  }
}
