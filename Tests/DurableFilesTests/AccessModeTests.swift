import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@Suite struct AccessModeTests {
  @Test func whatIsNewIsItsOwnersAlone() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending("file")
      try DurableFile.replace(file, with: [1])
      #expect(AccessMode.of(file) == .privateFile)
      try Folder.createPrivate(folder.appending("own"))
      #expect(AccessMode.of(folder.appending("own")) == .privateFolder)
    }
  }

  @Test func aFileThatIsReplacedKeepsItsMode() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("file", "old")
      try chmod(file, 0o640)
      try DurableFile.replace(file, with: [1])
      #expect(try mode(file) == 0o640)
      try DurableFile.appendLine([2], to: file)
      #expect(try mode(file) == 0o640)
    }
  }

  @Test func aFolderThatIsThereIsClosed() throws {
    try withTemporaryFolder { folder in
      let own = try folder.made("own")
      try chmod(own, 0o755)
      try Folder.createPrivate(own)
      #expect(try mode(own) == 0o700)
    }
  }

  @Test func whatALinkLeadsToIsLeftAlone() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("file", "")
      try chmod(file, 0o644)
      try symlink(folder.appending("link"), to: file.string)
      AccessMode.privateFile.set(folder.appending("link"))
      #expect(try mode(file) == 0o644)
    }
  }

  @Test func holesAreNoData() throws {
    try withTemporaryFolder { folder in
      let file = try folder.put("file", "text")
      #expect(try OpenFile(reading: file).dataBytes() == 4)
      try truncate(file, to: 1 << 30)
      #expect(try OpenFile(reading: file).dataBytes() < 1 << 20)
    }
  }
}
