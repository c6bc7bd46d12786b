import Rollout
import SyncTestSupport
import Testing

@Suite struct ThreadIDTests {
  @Test func readsAUUIDInAnyCase() throws {
    let id = try #require(ThreadID("019A0000-0000-7000-8000-00000000000A"))
    #expect(id.text == "019a0000-0000-7000-8000-00000000000a")
    #expect(id.milliseconds == 0x019A_0000_0000)
  }

  @Test(arguments: [
    "", "x", "019a0000000070008000000000000001", "{019a0000-0000-7000-8000-000000000001}",
    "019a0000-0000-7000-8000-00000000000g", "019a0000-0000-7000-8000-0000000000011",
    "019a0000-0000-7000-8000_000000000001",
    "../a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-00000000000\u{301}",
    "019a0000-0000-7000-8000-00000000000a\n",
    "０19a0000-0000-7000-8000-000000000001",
  ])
  func refusesWhatIsNoUUID(text: String) {
    #expect(ThreadID(text) == nil)
  }

  @Test func buildsAVersion7IDFromTimeAndEntropy() {
    let id = ThreadID(milliseconds: 0x0123_4567_89AB, entropy: [UInt8](repeating: 0xFF, count: 10))
    #expect(id.text == "01234567-89ab-7fff-bfff-ffffffffffff")
    #expect(id.milliseconds == 0x0123_4567_89AB)
    #expect(ThreadID(milliseconds: 1, entropy: []).text == "00000000-0001-7000-8000-000000000000")
  }

  @Test func ordersByTime() {
    #expect(ThreadID(milliseconds: 9, entropy: [255]) < ThreadID(milliseconds: 10, entropy: []))
  }
}

@Suite struct RolloutNameTests {
  private static let thread = "019a0000-0000-7000-8000-000000000001"
  private static let segment = "019a0000-0000-7000-8000-000000000002"

  @Test(arguments: ["", ".zst"], [nil, segment]) func readsEveryForm(ending: String, segment: String?) throws
  {
    let text = "rollout-2026-11-20T10-00-01-\(Self.thread)\(segment.map { "_" + $0 } ?? "").jsonl\(ending)"
    let name = try #require(RolloutName(text))
    #expect(name.text == text)
    #expect(name.thread.text == Self.thread)
    #expect(name.segment?.text == segment)
    #expect(name.rolloutID.text == segment ?? Self.thread)
    #expect(name.isCompressed == (ending == ".zst"))
    #expect(name.dayFolders == ["2026", "11", "20"])
    #expect(!name.plain.isCompressed && name.plain.rolloutID == name.rolloutID)
  }

  @Test(arguments: [
    "", "rollout-.jsonl", "rollout-2026-11-20T10-00-01-\(thread)",
    "rollout-2026-11-20T10-00-01-\(thread).json",
    "rollout-2026-11-20T10-00-01-\(thread).jsonl.gz", "xrollout-2026-11-20T10-00-01-\(thread).jsonl",
    "rollout-2026-11-20T10-00-01_\(thread).jsonl", "rollout-2026-11-20 10-00-01-\(thread).jsonl",
    "rollout-2026-11-20T10:00:01-\(thread).jsonl", "rollout-2026-11-20T10-00-01-\(thread)_.jsonl",
    "rollout-2026-11-20T10-00-01-\(thread)_x.jsonl",
    "rollout-2026-11-20T10-00-01-\(thread)_\(segment)_\(segment).jsonl",
    "rollout-2026-11-20T10-00-01-\(thread).jsonl/x", "../rollout-2026-11-20T10-00-01-\(thread).jsonl",
    "rollout-../..-20T10-00-01-\(thread).jsonl", "rollout-\u{301}2026-11-20T10-00-01-\(thread).jsonl",
    "rollout-2026-11-20T10-00-01-\u{301}\(thread).jsonl",
    "rollout-2026-11-20T10-00-01-\(thread)\u{301}.jsonl",
    "rollout-2026-11-20T10-00-01-\(thread)_\u{301}\(segment).jsonl",
    "rollout-2026-11-20T10-00-01-\(thread).jsonl\u{301}",
    "rollout-2026-11-20T10-00-01-\(thread).jsonl\u{0}", "rollout-２026-11-20T10-00-01-\(thread).jsonl",
  ])
  func refusesEveryOtherName(text: String) {
    #expect(RolloutName(text) == nil)
  }

  @Test func ordersByTimeThenByName() throws {
    let early = try #require(RolloutName(time: "2026-11-20T10-00-01", thread: Sample.thread(2)))
    let late = try #require(RolloutName(time: "2026-11-20T10-00-02", thread: Sample.thread(1)))
    #expect(early < late)
    #expect(RolloutName(time: "2026-11-20T10-00-1x", thread: Sample.thread(1)) == nil)
  }
}
