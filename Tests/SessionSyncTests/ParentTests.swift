import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Sub-agents whose parent has another id here.
struct ParentTests {
  /// One conversation under any id: copies are told the same at the same time.
  private func copy(_ thread: ThreadID, _ questions: [String]) -> TranscriptBuilder {
    var transcript = TranscriptBuilder(thread, seconds: 500)
    for question in questions { transcript.turn(question) }
    return transcript
  }

  @Test func aNewSubAgentNamesTheThreadThatItsParentIsHere() throws {
    try Scene.play { scene in
      let parent = Sample.thread(1)
      let child = Sample.thread(2)
      try scene.home.add(copy(parent, ["one", "mine"]))
      let there = ThreadSample(copy(parent, ["one", "theirs"]))
      let first = try scene.sync(try scene.package("p", there))
      let branch = try #require(first.plan.sessions[0].localThreadID)
      #expect(branch != parent)
      var agent = TranscriptBuilder(
        child, seconds: 900,
        extra: [
          ("source", ["subagent": ["thread_spawn": ["parent_thread_id": .string(parent.text), "depth": 1]]]),
          ("parent_thread_id", .string(parent.text)),
        ])
      agent.turn("do this")
      try scene.sync(try scene.package("q", there, ThreadSample(agent)))
      let meta = try #require(try scene.records(child).first?["payload"])
      #expect(meta["parent_thread_id"]?.string == branch.text)
    }
  }
}
