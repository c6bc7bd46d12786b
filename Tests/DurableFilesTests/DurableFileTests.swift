import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct DurableFileTests {
  @Test func writesANewFileInSteps() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("f")
      var writer = try FileWriter(creating: path)
      let large = [UInt8](repeating: 0x61, count: FileReading.chunkSize + 1)
      for part in [Array("ab".utf8), [], large, Array("cd".utf8)] { try writer.write(part) }
      #expect(writer.count == Int64(large.count + 4))
      try writer.finish(modified: FileTime(seconds: 1_600_000_000, nanoseconds: 5))
      #expect(try FileReading.bytes(of: path) == Array("ab".utf8) + large + Array("cd".utf8))
      #expect(try FileStamp.of(path)?.modified == FileTime(seconds: 1_600_000_000, nanoseconds: 5))
    }
  }

  @Test func createsNoFileOverAnother() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "mine")
      try symlink(folder.appending("link"), to: "elsewhere")
      #expect(refusal { () throws(FileError) in _ = try FileWriter(creating: path) } == .fileExists)
      #expect(
        refusal { () throws(FileError) in _ = try FileWriter(creating: folder.appending("link")) }
          == .fileExists)
      #expect(try path.text() == "mine")
      #expect(try Folder.names(in: folder) == ["f", "link"])
    }
  }

  @Test func replacesAFileInOneStep() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "old")
      try folder.put(".f.new", "left by a crash")
      try DurableFile.replace(path, with: Array("new".utf8))
      #expect(try path.text() == "new")
      #expect(try Folder.names(in: folder) == ["f"])
    }
  }

  @Test func keepsThePermissionsOfAFileItReplaces() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "old")
      try chmod(path, 0o600)
      try DurableFile.replace(path, with: Array("new".utf8))
      #expect(try mode(path) == 0o600)
    }
  }

  @Test func leavesNoTemporaryFileBehindWhereItCannotReplace() throws {
    try withTemporaryFolder { folder in
      try folder.put("f/inside", "x")
      #expect(
        refusal { () throws(FileError) in try DurableFile.replace(folder.appending("f"), with: [1]) } != nil)
      #expect(try Folder.names(in: folder) == ["f"])
    }
  }

  @Test func movesAFileToAFreePathOnly() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("a/f", "mine")
      let taken = try folder.put("b/taken", "yours")
      let stamp = try FileStamp.of(path)
      #expect(refusal { () throws(FileError) in try DurableFile.move(path, to: taken) } == .fileExists)
      #expect(try path.text() == "mine" && taken.text() == "yours")
      try symlink(folder.appending("b/dangling"), to: "none")
      #expect(
        refusal { () throws(FileError) in try DurableFile.move(path, to: folder.pushing("b/dangling")) }
          == .fileExists)
      try DurableFile.move(path, to: folder.pushing("b/free"))
      #expect(try FileStamp.of(path) == nil)
      #expect(try FileStamp.of(folder.pushing("b/free"))?.inode == stamp?.inode)
      #expect(
        refusal { () throws(FileError) in try DurableFile.move(path, to: folder.appending("x")) }
          == .noSuchFileOrDirectory)
    }
  }

  @Test func appendsAndKeepsInodeAndPrefix() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "prefix\n")
      let more = [UInt8](repeating: 0x62, count: FileReading.chunkSize * 2 + 3)
      let inode = try FileStamp.of(path)?.inode
      try DurableFile.append(
        contentsOf: try folder.put("more", more), to: path, at: 7,
        modified: FileTime(seconds: 9, nanoseconds: 0))
      #expect(try FileReading.bytes(of: path) == Array("prefix\n".utf8) + more)
      #expect(try FileStamp.of(path)?.inode == inode)
      #expect(try FileStamp.of(path)?.modified == FileTime(seconds: 9, nanoseconds: 0))
    }
  }

  @Test(arguments: [0, 6, 8]) func appendsNothingWhereTheLengthIsAnother(length: Int64) throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "prefix\n")
      let more = try folder.put("more", "x")
      #expect(
        refusal { () throws(FileError) in try DurableFile.append(contentsOf: more, to: path, at: length) }
          == .resourceBusy)
      #expect(try path.text() == "prefix\n")
    }
  }

  @Test func appendsAlsoWhereTheTimeCannotBeSet() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "prefix\n")
      let more = try folder.put("more", "x")
      // No file can have this time: the system refuses it, as it does to who does not own the file.
      let impossible = FileTime(seconds: 0, nanoseconds: 2_000_000_000)
      try DurableFile.append(contentsOf: more, to: path, at: 7, modified: impossible)
      #expect(try path.text() == "prefix\nx")
    }
  }

  @Test func appendsToARegularFileOnly() throws {
    try withTemporaryFolder { folder in
      let more = try folder.put("more", "x")
      let target = try folder.put("target", "")
      try symlink(folder.appending("link"), to: "target")
      #expect(
        refusal { () throws(FileError) in
          try DurableFile.append(contentsOf: more, to: folder.appending("link"), at: 0)
        } == .tooManySymbolicLinkLevels)
      #expect(try target.text().isEmpty)
      #expect(
        refusal { () throws(FileError) in
          try DurableFile.append(contentsOf: more, to: folder.appending("none"), at: 0)
        } == .noSuchFileOrDirectory)
    }
  }

  @Test func cutsAFileBack() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "123456")
      try DurableFile.cut(path, to: 3, modified: FileTime(seconds: 8, nanoseconds: 0))
      #expect(try path.text() == "123")
      #expect(try FileStamp.of(path)?.modified.seconds == 8)
    }
  }

  @Test func cutNeverFillsAShorterFileWithZeros() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "123")
      #expect(refusal { () throws(FileError) in try DurableFile.cut(path, to: 5) } == .resourceBusy)
      #expect(try path.text() == "123")
    }
  }

  @Test func appendsLinesAndClosesATornOne() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending("f")
      try DurableFile.appendLine(Array("a".utf8), to: path)
      try DurableFile.appendLine(Array("b".utf8), to: path)
      #expect(try path.text() == "a\nb\n")
      try folder.put("f", "a\nto")
      try DurableFile.appendLine(Array("b".utf8), to: path)
      #expect(try path.text() == "a\nto\nb\n")
      try folder.put("f", "")
      try DurableFile.appendLine(Array("b".utf8), to: path)
      #expect(try path.text() == "b\n")
    }
  }

  @Test func removesAFileOnce() throws {
    try withTemporaryFolder { folder in
      let path = try folder.put("f", "x")
      try DurableFile.remove(path)
      try DurableFile.remove(path)
      #expect(try Folder.names(in: folder).isEmpty)
    }
  }
}
