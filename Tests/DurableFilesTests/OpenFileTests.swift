import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct OpenFileTests {
  @Test func readsAFileInParts() throws {
    try withTemporaryFolder { folder in
      let file = try OpenFile(reading: try folder.put("f", "0123456789"))
      #expect(try file.read(at: 0, count: 4) == Array("0123".utf8))
      #expect(try file.read(at: 8, count: 4) == Array("89".utf8))
      #expect(try file.read(at: 10, count: 4).isEmpty)
      #expect(try file.read(at: 99, count: 4).isEmpty)
      #expect(try file.read(at: 0, count: 0).isEmpty)
    }
  }

  @Test func refusesWhatIsNoRegularFileWithoutWaiting() throws {
    try withTemporaryFolder { folder in
      try folder.put("target", "x")
      try symlink(folder.appending("link"), to: "target")
      try fifo(folder.appending("fifo"))
      try Folder.create(folder.appending("folder"))
      #expect(
        refusal { () throws(FileError) in _ = try OpenFile(reading: folder.appending("link")) }
          == .tooManySymbolicLinkLevels)
      #expect(
        refusal { () throws(FileError) in _ = try OpenFile(reading: folder.appending("fifo")) }
          == .invalidArgument)
      #expect(
        refusal { () throws(FileError) in _ = try OpenFile(reading: folder.appending("folder")) }
          == .invalidArgument)
      #expect(refusal { () throws(FileError) in _ = try OpenFile(reading: "/dev/zero") } == .invalidArgument)
      #expect(
        refusal { () throws(FileError) in _ = try OpenFile(reading: folder.appending("none")) }
          == .noSuchFileOrDirectory)
    }
  }

  @Test func readsSmallFilesWholeUpToALimit() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("f", "12345")
      #expect(try FileReading.bytes(of: file, limit: 5) == Array("12345".utf8))
      #expect(
        refusal { () throws(FileError) in _ = try FileReading.bytes(of: file, limit: 4) } == .fileTooLarge)
      #expect(try FileReading.bytes(of: try folder.put("empty", "")).isEmpty)
      #expect(try FileReading.bytesIfPresent(of: folder.appending("none")) == nil)
    }
  }

  @Test func findsBytesAcrossTheBordersOfItsSteps() throws {
    try withTemporaryFolder { folder in
      let step = FileReading.chunkSize
      for start in [0, 1, step - 7, step - 3, step - 1, step, 2 * step - 4] {
        var bytes = [UInt8](repeating: 0x6E, count: 2 * step + 10)
        bytes.replaceSubrange(start..<(start + 6), with: "needle".utf8)
        let file = try folder.put("f", bytes)
        #expect(try ByteSearch.contains(Array("needle".utf8), file))
        #expect(try !ByteSearch.contains(Array("needles".utf8), file))
      }
      #expect(try !ByteSearch.contains([1], try folder.put("empty", "")))
    }
  }
}
