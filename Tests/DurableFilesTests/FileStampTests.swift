import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct FileStampTests {
  @Test func tellsWhatAnEntryIs() throws {
    try withTemporaryFolder { folder in
      try folder.put("file", "abc", modified: FileTime(seconds: 1_700_000_000, nanoseconds: 123_000_000))
      try symlink(folder.appending("link"), to: "file")
      try symlink(folder.appending("dangling"), to: "none")
      try fifo(folder.appending("fifo"))
      let file = try #require(try FileStamp.of(folder.appending("file")))
      #expect(file.kind == .file && file.size == 3)
      #expect(file.modified == FileTime(seconds: 1_700_000_000, nanoseconds: 123_000_000))
      #expect(try FileStamp.of(folder)?.kind == .folder)
      #expect(try FileStamp.of(folder.appending("fifo"))?.kind == .other)
      #expect(try FileStamp.of(folder.appending("link"))?.kind == .symbolicLink)
      #expect(try FileStamp.ofTarget(folder.appending("link")) == file)
      #expect(try FileStamp.of(folder.appending("dangling"))?.kind == .symbolicLink)
      #expect(try FileStamp.ofTarget(folder.appending("dangling")) == nil)
      #expect(try FileStamp.of(folder.appending("none")) == nil)
      #expect(try FileStamp.of(folder.appending("file").appending("below")) == nil)
    }
  }

  @Test func changesWithEveryWrite() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "abc")
      let before = try FileStamp.of(path)
      #expect(try FileStamp.of(path) == before)
      try DurableFile.appendLine(Array("d".utf8), to: path)
      #expect(try FileStamp.of(path) != before)
      let after = try FileStamp.of(path)
      try DurableFile.replace(path, with: try FileReading.bytes(of: path))
      #expect(try FileStamp.of(path)?.inode != after?.inode)
    }
  }
}
