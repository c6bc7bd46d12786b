import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

/// What a package's metadata may ask for.
struct MetadataLimitTests {
  /// Why a package is refused in which a file is another.
  private func refusal(
    _ path: String, _ content: String, _ limits: PackageLimits = .standard, length: Int64? = nil
  ) throws -> PackageLimits.Kind? {
    try withTemporaryFolder { scratch in
      let package = scratch.appending("package")
      try Samples.transferPackage(package)
      let file = try package.put(path, content)
      if let length { try truncate(file, to: length) }
      do throws(PackageError) {
        _ = try Samples.opened(package, limits: limits)
        return nil
      } catch {
        guard case .overLimit(let kind, _, path) = error else { throw error }
        return kind
      }
    }
  }

  private var few: PackageLimits {
    var limits = PackageLimits()
    limits.metadataValues = 1000
    return limits
  }

  @Test(arguments: [
    "metadata/lineage.json", "metadata/checksums.json", "package_manifest.json",
    "skeleton/required-directories.json",
  ])
  func aFileOfTinyValuesIsNotTakenApart(_ path: String) throws {
    let text = #"{"a":[0"# + String(repeating: ",0", count: 2000) + "]}"
    #expect(try refusal(path, text, few) == .metadataValues)
  }

  @Test(arguments: ["threads", "session_index", "thread_dynamic_tools"])
  func rowsWithoutEndAreNotKept(_ name: String) throws {
    let path = "metadata/\(name).jsonl"
    let row = #"{"id":"\#(Samples.first)","thread_id":"\#(Samples.first)","x":1}"# + "\n"
    #expect(try refusal(path, String(repeating: row, count: 400), few) == .metadataValues)
    var short = PackageLimits()
    short.metadataBytes = 1 << 10
    #expect(try refusal(path, #"{"x":""# + String(repeating: "y", count: 600_000), short) == .metadataBytes)
    #expect(try refusal(path, "", length: 1 << 30) == .compressionRatio)
  }

  @Test func threadsWithoutEndAreNotKept() throws {
    var limits = PackageLimits()
    limits.sessions = 3
    let rows = (10..<20).map { #"{"id":"019a0000-0000-7000-8000-0000000000\#($0)"}"# + "\n" }.joined()
    #expect(try refusal("metadata/threads.jsonl", rows, limits) == .sessions)
  }

  @Test func namesWithoutEndAreNotKept() throws {
    var limits = PackageLimits()
    limits.nameBytesTogether = 100
    #expect(throws: PackageError.self) {
      try withTemporaryFolder { scratch in
        try Samples.transferPackage(scratch.appending("package"))
        _ = try Samples.open(scratch.appending("package"), limits: limits)
      }
    }
  }

  @Test func warningsHaveAnEnd() throws {
    try withTemporaryFolder { scratch in
      let package = scratch.appending("package")
      try Samples.transferPackage(package, threads: String(repeating: "{\n", count: 3000))
      let warnings = try Samples.open(package).warnings
      #expect(warnings.count <= PackageWarning.most + 1)
    }
  }

  @Test func aTranscriptOfHolesBlocksItsSessionAlone() throws {
    try withTemporaryFolder { scratch in
      let package = scratch.appending("package")
      try Samples.transferPackage(package)
      try truncate(package.appending("sessions").appending(Samples.firstName), to: 1 << 40)
      let opened = try Samples.open(package)
      #expect(opened.sessions.map(\.problems) == [[.hollow(name: Samples.firstName)], []])
      #expect(opened.packedBytes < 1 << 20)
    }
  }
}
