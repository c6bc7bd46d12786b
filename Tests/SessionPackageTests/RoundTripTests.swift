import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct RoundTripTests {
  @Test(arguments: ["package", "p.zip", "p.tar", "p.tar.gz", "p.tgz", "p.tar.zst"])
  func whatIsWrittenIsReadAgain(_ name: String) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending(name)
      let summary = try Samples.write(path, in: scratch)
      #expect(summary.path == path && summary.threads == 2 && summary.rollouts == 2)
      #expect(summary.skills == ["a-skill"] && summary.dynamicTools == 1 && summary.files == 14)
      #expect(summary.skippedSkillEntries == ["a-skill/.secret", "a-skill/link"])

      let package = try Samples.open(path)
      #expect(package.warnings == [])
      #expect(package.title == "Two threads" && package.sourceHome == "/home/jian")
      #expect(package.requiredDirectories == ["/home/jian/R"])
      #expect(package.manifest.cwdFilter == "/home/jian/R" && package.manifest.skills == ["a-skill"])
      #expect(package.lineage?.origin == "019a0000-0000-7000-8000-0000000000ff")
      #expect(package.sessions.map(\.threadID.text) == [Samples.first, Samples.second])
      #expect(package.skills.map(\.name) == ["a-skill"])
      #expect(package.skills.first?.files.map(\.path.text) == ["SKILL.md", "über/läuft.txt"])

      let session = try #require(package.sessions.first)
      #expect(session.problems == [] && session.row?["history_mode"] == "paginated")
      #expect(session.indexRow?["thread_name"] == "new" && session.dynamicTools.count == 1)
      #expect(session.dynamicTools.first?["input_schema"] == "{}")
      #expect(session.lineage?.historyLength == 3 && session.lineage?.marker == ["closed": true])
      let rollout = try #require(session.rollouts.first)
      #expect(rollout.name.text == Samples.firstName)
      #expect(rollout.stamp.modified == Samples.modified)
      #expect(try rollout.file.text() == Samples.transcript)
      #expect(try package.verify(rollout))
    }
  }

  @Test func theManifestHasTheTransferToolsFieldsInItsOrder() throws {
    try withTemporaryFolder { scratch in
      _ = try Samples.write(scratch.appending("package"), in: scratch)
      let manifest = try Samples.open(scratch.appending("package")).manifest
      #expect(
        manifest.value.members?.map(\.key) == [
          "format_version", "package_kind", "minimum_working_set_only", "cwd_filter", "thread_ids",
          "skills_included", "deferred_components", "preferred_installer_skill",
        ])
    }
  }

  @Test func rowsAreCompletedForTheTransferTool() throws {
    try withTemporaryFolder { scratch in
      _ = try Samples.write(scratch.appending("package"), in: scratch)
      let file = scratch.pushing("package/metadata/threads.jsonl")
      for line in try file.lines() where !line.isEmpty {
        let row = try JSONValue(parsing: line)
        #expect(row.members?.count ?? 0 >= 25)
        #expect(row["memory_mode"] == "enabled" && row["created_at"] == 0 && row["agent_path"] == .null)
        #expect(row["sandbox_policy"] == #"{"type":"read-only"}"#)
      }
    }
  }

  @Test func noLineOfOursBreaksWherePythonBreaksLines() throws {
    try withTemporaryFolder { scratch in
      let title = "a\u{85}b\u{2028}c\u{2029}d\u{0C}é"
      let path = scratch.appending("package")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      let row: JSONValue = ["id": .string(Samples.first), "title": .string(title)]
      _ = try writer.written(PackageContent(threads: [row], lineage: PackageLineage()))
      let text = try path.pushing(FilePath("metadata/threads.jsonl")).text()
      #expect(text.unicodeScalars.filter(\.properties.isWhitespace) == ["\n"])
      #expect(try Samples.open(path).sessions.first?.row?["title"]?.string == title)
    }
  }

  @Test(arguments: ["zip", "tar", "tar.gz", "tar.zst"])
  func theSameContentGivesTheSameArchive(_ ending: String) throws {
    try withTemporaryFolder { scratch in
      // The skills' files take their times with them; so copy one finished folder twice.
      let folder = scratch.appending("package")
      _ = try Samples.write(folder, in: scratch)
      let kind = try #require(ArchiveKind(FilePath("x.\(ending)")))
      for name in ["a", "b"] { try ArchiveWriter.pack(folder, to: scratch.appending(name), as: kind) }
      let (left, right) = (scratch.appending("a"), scratch.appending("b"))
      #expect(try FileReading.bytes(of: left) == FileReading.bytes(of: right))
    }
  }
}
