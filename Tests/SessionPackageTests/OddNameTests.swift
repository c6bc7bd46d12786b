import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

/// Names that are no text, folders around packages, and what editors put in front of a text.
struct OddNameTests {
  private typealias Entry = ArchiveBuilder.Entry

  @Test func bytesThatAreNoTextAreSpelled() {
    #expect(EntryName([0xC4, 0xE3] + Array("/a".utf8)).text == "%C4%E3/a")
    // 0x5C is the second half of a character of Shift_JIS.
    #expect(EntryName([0x95, 0x5C]).text == "%95%5C")
    #expect(EntryName("Icon\r".utf8).text == "Icon%0D")
    #expect(EntryName("Icon\r".utf8).spelled == ["Icon%0D"])
    #expect(EntryName("über/läuft.txt".utf8) == EntryName(Array("über/läuft.txt".utf8)))
    #expect(EntryName("über/läuft.txt".utf8).spelled.isEmpty)
    #expect(EntryName([0x2E, 0x2E, 0x2F, 0xC4]).text == "../%C4")
  }

  @Test(arguments: [ArchiveBuilder.Form.tar, .zip])
  func aStrayFileOfAnOddNameIsPassedOverAndNamed(_ form: ArchiveBuilder.Form) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("archive")
      let stray = [Entry(name: "sessions/Icon\r"), Entry(name: "skills/a-skill/\u{1B}[2J")]
      ArchiveBuilder.write(
        ArchiveBuilder.package(under: "My\tpackage/")
          + stray.map {
            Entry(name: "My\tpackage/" + $0.name)
          } + [Entry(name: "Icon\r")], as: form, to: path)
      let package = try Samples.open(path)
      #expect(package.sessions.count == 1 && package.skills.isEmpty)
      #expect(
        package.warnings.contains(.oddName(path: "sessions/Icon%0D"))
          && package.warnings.contains(.oddName(path: "skills/a-skill/%1B[2J")))
    }
  }

  @Test func aStrayFileInAFolderIsPassedOverAndNamed() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      try path.put("sessions/Icon\r", "")
      let name: [CChar] = [CChar(bitPattern: 0xC4), CChar(bitPattern: 0xE3), 0]
      let odd = path.appending("skills").appending(try #require(FilePath.Component(platformString: name)))
      try odd.put("SKILL.md", "skill")
      let package = try Samples.open(path)
      #expect(package.skills.map(\.name) == ["a-skill"] && package.sessions.count == 2)
      #expect(
        package.warnings == [
          .oddName(path: "sessions/Icon%0D"), .oddName(path: "skills/%C4%E3/SKILL.md"),
        ])
    }
  }

  @Test func aFolderAroundAPackageIsNoneInItsWay() throws {
    try withTemporaryFolder { scratch in
      try Samples.transferPackage(scratch.pushing("around/package"))
      #expect(try Samples.open(scratch.appending("around")).sessions.count == 2)
    }
  }

  @Test func severalPackagesAreNamed() throws {
    try withTemporaryFolder { scratch in
      for name in ["b", "a"] { try Samples.transferPackage(scratch.pushing(FilePath("around/\(name)"))) }
      let archive = scratch.appending("archive")
      ArchiveBuilder.write(
        ArchiveBuilder.package(under: "b/") + ArchiveBuilder.package(under: "a/"), as: .tar, to: archive)
      for path in [scratch.appending("around"), archive] {
        #expect(throws: PackageError.severalPackages(["a", "b"])) { try Samples.open(path) }
      }
    }
  }

  @Test func aByteOrderMarkIsNoPartOfMetadata() throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("package")
      try Samples.transferPackage(path)
      for name in ["package_manifest.json", "metadata/threads.jsonl"] {
        let file = path.pushing(FilePath(name))
        try DurableFile.replace(file, with: [0xEF, 0xBB, 0xBF] + FileReading.bytes(of: file))
      }
      let package = try Samples.open(path)
      #expect(package.warnings.isEmpty && package.sessions.allSatisfy { $0.row != nil })
    }
  }
}
