import CanonicalJSON
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

struct ManifestTests {
  private func error(_ manifest: String?) throws -> PackageError? {
    var found: PackageError?
    try withTemporaryFolder { scratch in
      let path = try scratch.made("package")
      if let manifest { try path.put("package_manifest.json", manifest) }
      found = #expect(throws: PackageError.self) { try Samples.open(path) }
    }
    return found
  }

  @Test func aBadManifestRefusesThePackage() throws {
    let kind = #""package_kind":"session-skill-package""#
    #expect(try error(nil) == .missingManifest)
    #expect(try error("[]") == .manifestNotAnObject)
    #expect(try error(#"{"format_version":1}"#) == .wrongKind(found: nil))
    #expect(try error(#"{"format_version":1,"package_kind":"other"}"#) == .wrongKind(found: "other"))
    #expect(try error("{\(kind)}") == .unsupportedVersion(found: nil))
    #expect(try error(#"{"format_version":2,\#(kind)}"#) == .unsupportedVersion(found: 2))
    #expect(try error(#"{"format_version":"1",\#(kind)}"#) == .unsupportedVersion(found: "1"))
    #expect(try error(#"{"format_version":0,\#(kind)}"#) == .unsupportedVersion(found: 0))
    guard case .malformedManifest = try error("{") else {
      Issue.record("not refused as malformed")
      return
    }
  }

  @Test func whatIsNoPackageIsRefused() throws {
    try withTemporaryFolder { scratch in
      try scratch.put("text", "not an archive")
      try scratch.put("empty", "")
      try fifo(scratch.appending("fifo"))
      for name in ["text", "empty", "fifo"] {
        let path = scratch.appending(name)
        #expect(throws: PackageError.notAPackage(path)) { try Samples.open(path) }
      }
      let path = scratch.appending("nothing")
      #expect(throws: PackageError.notFound(path)) { try Samples.open(path) }
      ArchiveBuilder.write(ArchiveBuilder.package(), as: .cpio, to: scratch.appending("cpio"))
      #expect(throws: PackageError.notAPackage(scratch.appending("cpio"))) {
        try Samples.open(scratch.appending("cpio"))
      }
    }
  }
}
