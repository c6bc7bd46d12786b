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
      #expect(throws: PackageError.targetExists(path)) { try writer.finish(content) }
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

  @Test func aRolloutThatWasNotWrittenToItsEndIsNotInThePackage() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      do {
        var file = try writer.rollout(try #require(RolloutName(Samples.firstName)))
        try file.write(Array("{".utf8)[...])
      }
      _ = try writer.finish(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(try Folder.names(in: path.appending("sessions")) == [])
    }
  }

  @Test func anEmptyPackageIsWhole() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      var writer = try PackageWriter(path, staging: try scratch.made("staging"))
      _ = try writer.finish(PackageContent(threads: [], lineage: PackageLineage()))
      #expect(
        try Folder.names(in: path) == [
          "INSTALL_REMOTE.md", "README.md", "metadata", "package_manifest.json", "sessions", "skeleton",
          "skills",
        ])
      #expect(try Samples.open(path).sessions.isEmpty)
    }
  }
}
