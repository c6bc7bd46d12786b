import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Providers that are configured here, were, or are not the active one.
struct ProviderTests {
  private let thread = Sample.thread(1)
  private let without = "model_provider = \"other\"\n[model_providers.other]\n"

  private func talk(_ more: String...) -> ThreadSample {
    var transcript = Sample.talk("one", extra: [("model_provider", "mock")])
    for question in more { transcript.turn(question) }
    return ThreadSample(transcript, columns: [("model_provider", "mock")])
  }

  /// A home with a thread of provider `mock`, which left the configuration.
  private func orphaned(_ body: (Scene) throws -> Void) throws {
    try Scene.play { scene in
      try scene.sync(try scene.package("p", talk()))
      #expect(try scene.home.row(thread)?["model_provider"] == "mock")
      try scene.home.root.put("config.toml", without)
      try body(scene)
    }
  }

  @Test func aFastForwardGivesAThreadAProviderOfThisHome() throws {
    try orphaned { scene in
      let old = try #require(try scene.file(thread))
      let package = try scene.package("p2", talk("two"))
      let session = try scene.sync(package).plan.sessions[0]
      #expect(session.classification == .fastForwardImport && session.action == .append)
      #expect(session.warnings.contains(.init(.providerReplaced, "mock by other")))
      try isResumedWithOther(scene, records: talk("two").transcript.lines.count + 2)
      #expect(try FileStamp.of(old) == nil)
      #expect(try scene.plan(package).isEmpty)
    }
  }

  @Test func anUnchangedDeliveryDoesToo() throws {
    try orphaned { scene in
      let package = try scene.package("p2", talk())
      let session = try scene.sync(package).plan.sessions[0]
      #expect(session.classification == .unchanged && session.warnings.map(\.code) == [.providerReplaced])
      try isResumedWithOther(scene, records: talk().transcript.lines.count + 2)
      #expect(try scene.plan(package).isEmpty)
      try scene.sync(try scene.package("p3", talk("two")))
      #expect(try scene.records(thread).count == talk("two").transcript.lines.count + 3)
    }
  }

  /// What Codex goes by: the first record for its list, the last settings record and the row for resuming.
  private func isResumedWithOther(_ scene: Scene, records count: Int) throws {
    let records = try scene.records(thread)
    #expect(records.count == count)
    #expect(records[0]["payload"]?["model_provider"] == "other")
    #expect(records[0]["payload"]?["id"]?.string == thread.text)
    #expect(records.last?["payload"]?["thread_settings"]?["model_provider_id"] == "other")
    #expect(records.compactMap { $0["ordinal"]?.integer } == (0..<Int64(count)).map { $0 })
    let row = try #require(try scene.home.row(thread))
    #expect(row["model_provider"] == "other")
    #expect(row["rollout_path"]?.string == (try scene.file(thread))?.string)
    #expect(try scene.home.query("SELECT id FROM threads").count == 1)
  }

  @Test func whatWasDoneToAnOrphanedThreadIsUndone() throws {
    for package in [talk(), talk("two")] {
      try orphaned { scene in
        let before = try HomeSnapshot(scene.home)
        try scene.sync(try scene.package("p2", package))
        #expect(try HomeSnapshot(scene.home) != before)
        let undone = try scene.rollback()
        #expect(undone.plan.kept.isEmpty)
        #expect(try HomeSnapshot(scene.home).hasSameContent(as: before))
      }
    }
  }

  /// A fork counts in bytes of the file that it goes on from.
  @Test func theFileOfAThreadThatAForkGoesOnFromStaysInItsPlace() throws {
    try orphaned { scene in
      let path = try #require(try scene.file(thread))
      let bytes = try FileReading.bytes(of: path)
      let base: JSONValue = [
        "thread_id": .string(thread.text), "end_ordinal_exclusive": 3, "end_byte_offset": .integer(100),
      ]
      try scene.home.add(
        TranscriptBuilder(Sample.thread(7), seconds: 5000, extra: [("history_base", base)]))
      try scene.sync(try scene.package("p2", talk("two")))
      #expect(try FileReading.bytes(of: path).starts(with: bytes))
      #expect(try scene.home.row(thread)?["model_provider"] == "other")
    }
  }

  @Test func aThreadThatIsBusyIsLeftAsItIs() throws {
    try orphaned { scene in
      let package = try scene.package("p2", talk())
      try scene.holding("thread-writer-locks/\(thread).lock") {
        let plan = try scene.plan(package)
        #expect(plan.isEmpty)
      }
    }
  }

  @Test(arguments: ["mock", "openai"])
  func aProviderThatIsNotTheActiveOneIsSaid(_ provider: String) throws {
    let config = "model_provider = \"other\"\n[model_providers.other]\n[model_providers.mock]\n"
    try Scene.play(config: config) { scene in
      let sample = ThreadSample(
        Sample.talk("one", extra: [("model_provider", .string(provider))]),
        columns: [("model_provider", .string(provider))])
      let plan = try scene.sync(try scene.package("p", sample)).plan
      #expect(plan.sessions[0].warnings.contains(.init(.providerInactive, "\(provider), not other")))
      #expect(try scene.home.row(thread)?["model_provider"]?.string == provider)
    }
  }

  @Test func aThreadWhoseProviderLeftIsNamedByHealthUntilItComesAgain() throws {
    try orphaned { scene in
      func findings() throws -> [HealthReport.Finding] {
        try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report().findings
      }
      #expect(try findings().map(\.check) == [.providersAreConfigured])
      _ = try scene.packup("own")
      try scene.sync(scene.root.appending("own"))
      #expect(try findings().isEmpty)
    }
  }
}
