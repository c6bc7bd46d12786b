import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// What only looks, while another run is at work on the home.
struct BesideAnotherRunTests {
  private let thread = Sample.thread(1)

  /// A home in which a transaction is open.
  private func working(_ body: (Scene, Workplace, String) throws -> Void) throws {
    try Scene.play { scene in
      let id = try #require(try scene.sync(try scene.package("p", Sample.talk("one"))).transaction)
      try Self.set(scene, id, "prepared")
      try body(scene, Workplace(home: try scene.home.open()), id)
    }
  }

  private static func set(_ scene: Scene, _ id: String, _ status: String) throws {
    let manifest = scene.home.root.pushing(FilePath("session-sync/journal/\(id)/manifest.json"))
    var json = try JSONValue(parsing: Array(try manifest.text().utf8.dropLast()))
    json["status"] = .string(status)
    try DurableFile.replace(manifest, with: json.bytes + [0x0A])
  }

  @Test func anOpenTransactionOfARunThatIsAtWorkIsNoCrash() throws {
    try working { scene, workplace, id in
      try scene.holding("session-sync/lock") {
        for unsettled in [true, false] {
          #expect(throws: SyncError.anotherRun(workplace.lockFile)) {
            try workplace.reading(unsettled: unsettled, pauses: [1, 1]) { () throws(SyncError) in }
          }
        }
      }
      #expect(throws: SyncError.needsRecovery([id])) {
        try workplace.reading(pauses: []) { () throws(SyncError) in }
      }
      #expect(throws: Never.self) {
        try workplace.reading(unsettled: true, pauses: []) { () throws(SyncError) in }
      }
    }
  }

  @Test func whatWasReadWhileAnotherRunCommittedIsReadAgain() throws {
    try working { scene, workplace, id in
      try Self.set(scene, id, "committed")
      var attempts = 0
      let found = try workplace.reading { () throws(SyncError) -> Int in
        attempts += 1
        if attempts == 1 {
          _ = try? scene.sync(try scene.package("p2", Sample.talk("b", thread: Sample.thread(2))))
          // What is of neither state may be no state at all.
          throw .nothingSelected
        }
        return attempts
      }
      #expect(found == 2)
    }
  }

  @Test func whoCommitsAllTheTimeIsNamed() throws {
    try Scene.play { scene in
      let workplace = Workplace(home: try scene.home.open())
      var number = 0
      #expect(throws: SyncError.anotherRun(workplace.lockFile)) {
        try workplace.reading { () throws(SyncError) in
          number += 1
          _ = try? scene.sync(
            try scene.package("p\(number)", Sample.talk("q", thread: Sample.thread(UInt16(number)))))
        }
      }
      #expect(number == 5)
    }
  }
}
