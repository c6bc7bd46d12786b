import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct PackageWriterTests {
  @Test func aFolderWithContentIsRefused() throws {
    try withTemporaryFolder { scratch in
      try scratch.put("full/file", "kept")
      let path = scratch.appending("full")
      #expect(throws: PackageError.targetNotEmpty(path)) { try Samples.write(path, in: scratch) }
      #expect(try Folder.names(in: path) == ["file"])
    }
  }

  @Test func anArchiveThatExistsIsRefused() throws {
    try withTemporaryFolder { scratch in
      try scratch.put("p.zip", "kept")
      let path = scratch.appending("p.zip")
      #expect(throws: PackageError.targetExists(path)) { try Samples.write(path, in: scratch) }
      #expect(try path.text() == "kept")
    }
  }

  @Test func anArchiveThatAppearsMeanwhileIsKept() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("p.tar")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      try scratch.put("p.tar", "kept")
      let content = PackageContent(threads: [], lineage: PackageLineage())
      #expect(throws: PackageError.targetExists(path)) { try writer.written(content) }
      writer.abandon()
      #expect(try path.text() == "kept")
      #expect(try Folder.names(in: scratch) == ["p.tar", "staging"])
    }
  }

  @Test func abandoningLeavesWhatWasThereBefore() throws {
    try withTemporaryFolder { scratch in
      let staging = try scratch.made("staging")
      let empty = try scratch.made("empty")
      for path in [scratch.appending("new"), empty, scratch.appending("p.tar.zst")] {
        let writer = try PackageWriter(path, staging: staging)
        writer.abandon()
      }
      #expect(try Folder.names(in: scratch) == ["empty", "staging"])
      #expect(try Folder.names(in: empty) == [] && Folder.names(in: staging) == [])
    }
  }

  @Test(arguments: ["new", "empty", "p.tar"])
  func nothingStandsUnderThePackagesNameBeforeItIsWhole(_ name: String) throws {
    try withTemporaryFolder { scratch in
      _ = try scratch.made("empty")
      let path = scratch.appending(name)
      let before = try FileStamp.of(path)?.kind
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      let summary = try writer.finish(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(try FileStamp.of(path)?.kind == before)
      if before != nil { #expect(try Folder.names(in: path).allSatisfy { $0.hasPrefix(".") }) }
      try writer.place()
      #expect(try Samples.open(summary.path).sessions.isEmpty)
      #expect(try Folder.names(in: scratch).allSatisfy { !$0.hasPrefix(".") })
    }
  }

  @Test(arguments: ["new", "empty"])
  func whatAKilledRunLeftOfAPackageIsRemovedByTheNext(_ name: String) throws {
    try withTemporaryFolder { scratch in
      _ = try scratch.made("empty")
      let path = scratch.appending(name)
      let place = name == "empty" ? path : scratch
      try place.put(".codex-session-sync-019a0000-0000-7000-8000-00000000dead/package/sessions/a", "a")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      _ = try writer.written(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(try Folder.names(in: place).allSatisfy { !$0.hasPrefix(".") })
    }
  }

  @Test func aRolloutThatWasNotWrittenToItsEndIsNotInThePackage() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      do {
        var file = try writer.rollout(try #require(RolloutName(Samples.firstName)))
        try file.write(Array("{".utf8)[...])
      }
      _ = try writer.written(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(try Folder.names(in: path.appending("sessions")) == [])
    }
  }

  @Test func anEmptyPackageIsWhole() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      _ = try writer.written(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(
        try Folder.names(in: path) == [
          "INSTALL_REMOTE.md", "README.md", "metadata", "package_manifest.json", "sessions", "skeleton",
          "skills",
        ])
      #expect(try Samples.open(path).sessions.isEmpty)
    }
  }
}
