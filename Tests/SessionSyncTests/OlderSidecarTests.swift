import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// A sidecar that an earlier version made, before a writing run brought it up to date.
struct OlderSidecarTests {
  @Test(arguments: [1, 2, 3]) func whatWasDeletedIsRememberedByAnOlderSidecarToo(_ version: Int) throws {
    try Scene.play { scene in
      let thread = Sample.thread(1)
      let sidecar = "session-sync/sidecar.sqlite"
      try scene.sync(try scene.package("p", Sample.talk("one")))
      try DurableFile.remove(try #require(try scene.file(thread)))
      try scene.home.execute("DELETE FROM threads")
      for table in ["undone_sessions", "trusted_origins"] {
        try scene.home.execute("DROP TABLE \(table)", in: sidecar)
      }
      try scene.home.execute("ALTER TABLE transactions DROP COLUMN told", in: sidecar)
      for column in (version < 3 ? ["turns"] : [])
        + (version < 2 ? ["last_history_end", "last_history_ordinal"] : [])
      {
        try scene.home.execute("ALTER TABLE notes DROP COLUMN \(column)", in: sidecar)
      }
      try scene.home.execute("DELETE FROM grdb_migrations WHERE identifier >= '\(version + 1)'", in: sidecar)
      let before = try HomeSnapshot(scene.home)
      let result = try scene.sync(try scene.package("again", Sample.talk("one", "two")))
      #expect(result.plan.sessions[0].detail == .deletedLocally && result.transaction == nil)
      #expect(try HomeSnapshot(scene.home) == before)
    }
  }
}
