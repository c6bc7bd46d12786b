import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// A file that leaves the home and comes back has the permissions that it had.
struct PermissionTests {
  private let thread = Sample.thread(1)

  private func permissions(_ path: FilePath) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
  }

  private func restrict(_ path: FilePath) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path.string)
  }

  @Test func aFileThatComesBackHasThePermissionsThatItHad() throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", Sample.talk("one")))
      let path = try #require(try scene.file(thread))
      try restrict(path)
      let undone = try scene.rollback()
      try scene.rollback(.id(try #require(undone.transaction)))
      #expect(try permissions(path) == 0o600)
    }
  }

  @Test func aCompressedFileThatIsAppendedToKeepsThemInBothForms() throws {
    try Scene.play { scene in
      let path = try scene.home.add(ThreadSample(Sample.talk("one")), isCompressed: true)
      try restrict(path)
      try scene.sync(try scene.package("p", Sample.talk("one", "two")))
      let plain = try #require(try scene.file(thread))
      #expect(plain != path)
      #expect(try permissions(plain) == 0o600)
      try scene.rollback()
      #expect(try permissions(path) == 0o600)
    }
  }
}
