import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct BadInputTests {
  @Test func badRowsAreNamedAndTheOthersGoOn() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      let good = Samples.row(Samples.first, Samples.firstName)
      try Samples.transferPackage(
        path, threads: "\n{\"id\"\n[]\n{\"id\":\"x\"}\n{}\n\(good)\n{\"id\":\"\u{2028}")
      let package = try Samples.open(path)
      let file = "metadata/threads.jsonl"
      #expect(package.warnings.count == 5)
      #expect(package.warnings.contains(.lineNotAnObject(file: file, line: 3)))
      #expect(package.warnings.contains(.invalidThreadID(file: file, line: 4, found: "x")))
      #expect(package.warnings.contains(.invalidThreadID(file: file, line: 5, found: nil)))
      let malformed = package.warnings.compactMap { warning in
        if case .malformedLine(file, let line, _) = warning { line } else { nil }
      }
      #expect(malformed == [2, 7])
      #expect(package.sessions.map(\.threadID.text) == [Samples.first, Samples.second])
      #expect(package.sessions.map { $0.row == nil } == [false, true])
    }
  }

  @Test func aSessionIsBlockedForItsRow() throws {
    let (first, second) = (Samples.first, Samples.second)
    let absent = "rollout-2025-01-05T00-00-00-\(first).jsonl"
    let cases: [(String, [PackagedSession.Problem])] = [
      (Samples.row(first, absent), [.missingRollout(name: absent)]),
      (Samples.row(first, ".."), [.unsafeName("..")]),
      (Samples.row(first, "evil.jsonl"), [.unsafeName("evil.jsonl")]),
      (#"{"id":"\#(first)"}"#, [.invalidRow(line: 1, field: "rollout_path")]),
      (Samples.row(first, Samples.secondName), [.rolloutOfAnotherThread(name: Samples.secondName)]),
      (
        Samples.row(first, Samples.firstName) + "\n" + Samples.row(first, Samples.firstName),
        [.duplicateRow(lines: [1, 2])]
      ),
    ]
    for (threads, problems) in cases {
      try withTemporaryFolder { scratch in
        let path = scratch.appending("package")
        try Samples.transferPackage(path, threads: threads)
        let sessions = try Samples.open(path).sessions
        #expect(sessions.map(\.threadID.text) == [first, second])
        #expect(sessions.map(\.problems) == [problems, []])
      }
    }
  }

  @Test func oddEntriesInSessionsAreNamed() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      try path.put("sessions/notes.txt", "")
      try path.put("sessions/2025/01/\(Samples.firstName)", "")
      try symlink(path.pushing(FilePath("sessions/link.jsonl")), to: "/etc/passwd")
      try fifo(path.pushing(FilePath("sessions/fifo.jsonl")))
      let package = try Samples.open(path)
      #expect(package.sessions.allSatisfy { $0.problems.isEmpty && $0.rollouts.count == 1 })
      #expect(
        package.warnings == [
          .skippedEntry(path: "sessions/fifo.jsonl", .other),
          .skippedEntry(path: "sessions/link.jsonl", .symbolicLink),
          .skippedEntry(path: "sessions/2025", .folder), .foreignName(path: "sessions/notes.txt"),
        ])
    }
  }

  @Test(arguments: ["metadata", "sessions", "skills", "skeleton", "package_manifest.json"])
  func aFolderBehindASymbolicLinkIsRefused(_ name: String) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      try rename(path.appending(name), to: scratch.appending("elsewhere"))
      try symlink(path.appending(name), to: scratch.appending("elsewhere").string)
      #expect(throws: PackageError.unsafeEntry(name: name, .symbolicLink)) { try Samples.open(path) }
    }
  }

  @Test func aChangedRolloutBlocksItsSessionOnly() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      _ = try Samples.write(path, in: scratch)
      let (longer, other) = ("sessions/\(Samples.firstName)", "sessions/\(Samples.secondName)")
      try DurableFile.replace(path.pushing(FilePath(longer)), with: Array((Samples.transcript + " ").utf8))
      try DurableFile.replace(
        path.pushing(FilePath(other)), with: Array(Samples.transcript.utf8.map { $0 == 0x3A ? 0x3B : $0 }))
      let package = try Samples.open(path)
      #expect(package.sessions.map(\.problems) == [[.checksumMismatch(name: Samples.firstName)], []])
      let rollout = try #require(package.sessions.last?.rollouts.first)
      #expect(try !package.verify(rollout))
    }
  }

  @Test func aListedRolloutThatIsMissingBlocksItsSession() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      _ = try Samples.write(path, in: scratch)
      try DurableFile.remove(path.pushing(FilePath("sessions/\(Samples.firstName)")))
      let package = try Samples.open(path)
      #expect(package.sessions.map(\.problems) == [[.missingRollout(name: Samples.firstName)], []])
      #expect(package.warnings == [.missingFile(path: "sessions/\(Samples.firstName)")])
    }
  }

  @Test(arguments: ["metadata/threads.jsonl", "metadata/lineage.json", "package_manifest.json"])
  func changedMetadataRefusesThePackage(_ name: String) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      _ = try Samples.write(path, in: scratch)
      let file = path.pushing(FilePath(name))
      try DurableFile.replace(file, with: try FileReading.bytes(of: file) + [0x20])
      #expect(throws: PackageError.checksumMismatch(path: name)) { try Samples.open(path) }
    }
  }

  @Test func aChangedSkillIsLeftOut() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      _ = try Samples.write(path, in: scratch)
      try DurableFile.replace(path.pushing(FilePath("skills/a-skill/SKILL.md")), with: [])
      let package = try Samples.open(path)
      #expect(package.skills == [])
      #expect(package.warnings == [.damagedSkill(path: "skills/a-skill/SKILL.md")])
    }
  }

  @Test(arguments: ["{", "[]", #"{"schema":"other"}"#, #"{"algorithm":"md5","files":{}}"#])
  func ourMalformedFilesCountAsAbsent(_ text: String) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      try path.put("metadata/lineage.json", text)
      try path.put("metadata/checksums.json", text)
      let package = try Samples.open(path)
      #expect(package.lineage == nil && package.sessions.count == 2)
      #expect(
        package.warnings == [
          .malformedFile(path: "metadata/checksums.json"), .malformedFile(path: "metadata/lineage.json"),
        ])
    }
  }
}
