import DurableFiles
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct HostileArchiveTests {
  typealias Entry = ArchiveBuilder.Entry

  /// Opens an honest package with these entries added; afterwards there must be nothing outside staging.
  private func open(
    _ entries: [Entry], as form: ArchiveBuilder.Form = .tar, _ limits: PackageLimits = .standard
  ) throws -> PackageError? {
    var found: PackageError?
    try withTemporaryFolder { scratch in
      let path = scratch.appending("archive")
      ArchiveBuilder.write(ArchiveBuilder.package() + entries, as: form, to: path)
      let staging = try scratch.made("staging")
      do throws(PackageError) {
        _ = try SessionPackage.open(path, staging: staging, limits: limits)
      } catch {
        found = error
      }
      #expect(try Folder.names(in: scratch) == ["archive", "staging"])
      for name in try Folder.names(in: staging) {
        #expect(Int(name) != nil)
        #expect(try FileStamp.of(staging.appending(name))?.kind == .file)
      }
    }
    return found
  }

  @Test(arguments: [
    "../evil", "sessions/../../evil", "/tmp/evil", "sessions//evil", "sessions/./evil", "a\\..\\evil",
    "C:\\evil", "..", "././evil",
  ])
  func anUnsafeNameRefusesTheArchive(_ name: String) throws {
    #expect(try open([Entry(name: name)]) == .unsafeEntry(name: name, .name))
  }

  @Test(arguments: [ArchiveBuilder.Form.tar, .zip])
  func linksRefuseTheArchive(_ form: ArchiveBuilder.Form) throws {
    let link = Entry(name: "sessions/link", kind: .symbolicLink, target: "/etc/passwd")
    #expect(try open([link], as: form) == .unsafeEntry(name: "sessions/link", .symbolicLink))
    let elsewhere = Entry(name: "other/link", kind: .symbolicLink, target: "x")
    #expect(try open([elsewhere], as: form) == .unsafeEntry(name: "other/link", .symbolicLink))
  }

  @Test func whatIsNoFileRefusesTheArchive() throws {
    let hard = Entry(name: "sessions/hard", hardLink: "package_manifest.json")
    #expect(try open([hard]) == .unsafeEntry(name: "sessions/hard", .hardLink))
    #expect(try open([Entry(name: "f", kind: .fifo)]) == .unsafeEntry(name: "f", .special))
    #expect(try open([Entry(name: "d", kind: .device)]) == .unsafeEntry(name: "d", .special))
  }

  @Test(arguments: [ArchiveBuilder.Form.tar, .zip])
  func aSecondFileOfOneNameRefusesTheArchive(_ form: ArchiveBuilder.Form) throws {
    let name = "package_manifest.json"
    #expect(try open([Entry(name: name)], as: form) == .unsafeEntry(name: name, .duplicate))
    #expect(try open([Entry(name: "./\(name)")], as: form) == .unsafeEntry(name: "./\(name)", .duplicate))
  }

  @Test func namesThatDifferByCaseDoNotCollide() throws {
    #expect(
      try open([Entry(name: "Package_Manifest.JSON"), Entry(name: "SESSIONS/\(Samples.firstName)")]) == nil)
  }

  @Test func limitsHold() throws {
    let zeros = Entry(name: "ignored/zeros", content: [UInt8](repeating: 0, count: 1 << 20))
    var limits = PackageLimits()
    limits.ratioFloor = 1 << 16
    #expect(
      try open([zeros], as: .tarZstandard, limits)
        == .overLimit(.compressionRatio, limit: limits.compressionRatio, entry: zeros.name))
    #expect(try open([zeros], as: .tar, limits) == nil)
    limits = PackageLimits()
    limits.fileBytes = 1 << 19
    #expect(try open([zeros], as: .zip, limits) == .overLimit(.fileBytes, limit: 1 << 19, entry: zeros.name))
    limits = PackageLimits()
    limits.totalBytes = 1 << 20
    #expect(try open([zeros], limits: limits) == .overLimit(.totalBytes, limit: 1 << 20, entry: zeros.name))
    limits = PackageLimits()
    limits.entries = 3
    #expect(try open([zeros], limits: limits) == .overLimit(.entries, limit: 3, entry: zeros.name))
    limits = PackageLimits()
    limits.depth = 3
    #expect(
      try open([Entry(name: "a/b/c/d")], limits: limits) == .overLimit(.depth, limit: 3, entry: "a/b/c/d"))
    limits = PackageLimits()
    limits.metadataBytes = 16
    #expect(
      try open([], limits: limits) == .overLimit(.metadataBytes, limit: 16, entry: "package_manifest.json"))
    limits = PackageLimits()
    limits.nameBytes = 90
    let long = String(repeating: "n", count: 91)
    #expect(
      try open([Entry(name: long)], limits: limits)
        == .overLimit(.nameBytes, limit: 90, entry: String(long.prefix(80))))
  }

  private func open(_ entries: [Entry], limits: PackageLimits) throws -> PackageError? {
    try open(entries, as: .tar, limits)
  }

  @Test(arguments: [ArchiveBuilder.Form.tarGzip, .tarZstandard, .zip])
  func aTornArchiveIsRefused(_ form: ArchiveBuilder.Form) throws {
    try withTemporaryFolder { scratch in
      let path = scratch.appending("archive")
      ArchiveBuilder.write(ArchiveBuilder.package(), as: form, to: path)
      let bytes = try FileReading.bytes(of: path)
      try DurableFile.replace(path, with: Array(bytes.prefix(bytes.count / 2)))
      #expect(throws: PackageError.self) { try Samples.open(path) }
    }
  }
}
