import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct TransferPackageTests {
  @Test func aWindowsPackageIsRead() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      let package = try Samples.open(path)
      #expect(package.warnings == [] && package.lineage == nil && package.title == nil)
      #expect(package.sourceHome == "C:\\Users\\jian")
      #expect(package.sessions.map(\.threadID.text) == [Samples.first, Samples.second])
      #expect(package.sessions.allSatisfy { $0.problems.isEmpty && $0.rollouts.count == 1 })
      #expect(package.sessions.first?.indexRow?["thread_name"] == "new")
      let rollout = try #require(package.sessions.first?.rollouts.first)
      #expect(try package.verify(rollout))
    }
  }

  @Test(arguments: [ArchiveBuilder.Form.zip, .tar, .tarGzip, .tarZstandard], ["", "./", "my package/"])
  func anArchiveOfOneIsReadWhateverItIsCalled(_ form: ArchiveBuilder.Form, _ top: String) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("delivery")
      let folder = ArchiveBuilder.Entry(name: top.isEmpty ? "sessions/" : top, kind: .folder)
      ArchiveBuilder.write([folder] + ArchiveBuilder.package(under: top), as: form, to: path)
      let package = try Samples.open(path)
      #expect(package.sessions.map(\.problems) == [[]])
      #expect(package.warnings == [.absentThread(try Samples.id(Samples.second))])
    }
  }

  @Test func aCompressedCopyServesAndSegmentsJoin() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      let segment = "rollout-2025-01-04T00-00-00-\(Samples.first)_\(Samples.second).jsonl"
      try path.put("sessions/\(segment)", Samples.transcript)
      try path.put("sessions/\(Samples.firstName).zst", "compressed")
      try DurableFile.move(
        path.pushing(FilePath("sessions/\(Samples.secondName)")),
        to: path.pushing(FilePath("sessions/\(Samples.secondName).zst")))
      let package = try Samples.open(path)
      #expect(package.sessions.allSatisfy { $0.problems.isEmpty })
      #expect(package.sessions.first?.rollouts.map(\.name.text) == [Samples.firstName, segment])
      #expect(package.sessions.last?.rollouts.map(\.name.text) == ["\(Samples.secondName).zst"])
      #expect(package.warnings == [.duplicateRollout(path: "sessions/\(Samples.firstName).zst")])
    }
  }

  @Test func rolloutsWithoutRowsAreSessionsTheNewestSegmentFirst() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try path.put("package_manifest.json", Samples.manifest)
      let segment = "rollout-2025-01-04T00-00-00-\(Samples.first)_\(Samples.second).jsonl"
      for name in [segment, Samples.secondName, Samples.firstName] { try path.put("sessions/\(name)", "") }
      let package = try Samples.open(path)
      #expect(package.sessions.map(\.threadID.text) == [Samples.first, Samples.second])
      #expect(package.sessions.allSatisfy { $0.row == nil && $0.problems.isEmpty })
      #expect(package.sessions.first?.rollouts.map(\.name.text) == [segment, Samples.firstName])
    }
  }
}
