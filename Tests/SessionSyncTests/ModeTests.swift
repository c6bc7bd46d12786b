import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Who may read what this program keeps, and what it puts where Codex looks.
struct ModeTests {
  private func openToOthers(_ folder: FilePath) throws -> [FilePath] {
    var found = (try mode(folder) & 0o077) == 0 ? [] : [folder]
    guard try FileStamp.of(folder)?.kind == .folder else { return found }
    for name in try Folder.names(in: folder) { found += try openToOthers(folder.appending(name)) }
    return found
  }

  @Test func whatIsKeptIsItsOwnersAlone() throws {
    try Scene.play { scene in
      try scene.home.add(Sample.talk("one", "mine"))
      try scene.home.add(Sample.talk("b", thread: Sample.thread(2)))
      try scene.home.add(ThreadSample(Sample.talk("z", thread: Sample.thread(4))), isCompressed: true)
      let package = try scene.package(
        "p", Sample.talk("one", "theirs"), Sample.talk("b", "c", thread: Sample.thread(2)),
        Sample.talk("new", thread: Sample.thread(3)), Sample.talk("z", "y", thread: Sample.thread(4)))
      try scene.sync(package)
      let own = scene.home.root.appending("session-sync")
      #expect(try openToOthers(own) == [])
      for thread in [2, 3, 4] {
        let path = try #require(try scene.file(Sample.thread(UInt16(thread))))
        #expect(try mode(path) & 0o777 == AccessMode.newFile.bits || thread == 2, "\(path)")
      }
      let undone = try scene.rollback()
      #expect(try openToOthers(own).isEmpty)
      try scene.rollback(.id(#require(undone.transaction)))
      let again = try #require(try scene.file(Sample.thread(3)))
      #expect(AccessMode.of(again) == .newFile, "undone and done again it is Codex's to read")
      _ = try scene.packup("out")
      #expect(try openToOthers(scene.root.appending("out")) == [])
      _ = try scene.packup("out.tar.zst")
      #expect(try openToOthers(scene.root.appending("out.tar.zst")).isEmpty)
    }
  }

  @Test func whatAnOlderVersionLeftOpenIsClosed() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let own = scene.home.root.appending("session-sync")
      for name in ["journal", "sidecar.sqlite", "lock"] { try chmod(own.appending(name), 0o755) }
      try chmod(own, 0o755)
      try scene.sync(try scene.package("n", Sample.talk("two", thread: Sample.thread(2))))
      #expect(try openToOthers(own).isEmpty)
    }
  }

  @Test func aTranscriptThatIsWrittenAnewKeepsItsMode() throws {
    try Scene.play { scene in
      let file = try scene.home.add(ThreadSample(Sample.talk("one")), isCompressed: true)
      try chmod(file, 0o640)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      #expect(try mode(try #require(try scene.file(Sample.thread(1)))) == 0o640)
      try scene.rollback()
      let back = try #require(try scene.file(Sample.thread(1)))
      #expect(try back == file && mode(back) == 0o640)
    }
  }
}
