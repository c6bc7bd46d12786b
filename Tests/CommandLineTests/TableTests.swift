import CanonicalJSON
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// What a person sees of a plan.
struct TableTests {
  private func inspect(_ program: Program, _ samples: ThreadSample...) throws -> [String] {
    var builder = try PackageBuilder(program.root.appending("package"))
    for sample in samples { try builder.add(sample) }
    let output = try program.run("inspect-package", try builder.write().string).output
    return output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Columns of a terminal, as far as these tests write.
  private func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + ((0x2E80...0xFFEF).contains($1.value) ? 2 : 1) }
  }

  private func named(_ title: String, _ talk: TranscriptBuilder) -> ThreadSample {
    ThreadSample(talk, columns: [("name", .string(title))])
  }

  @Test func aSessionIsALineOfEightyColumnsWhateverItsTitle() throws {
    try Program.play { program in
      let titles = [
        "为什么结账这么慢？请把原因写下来，然后修好它，再加一个测试，谢谢，越快越好", "short",
        "A title that goes on and on, until nobody wants to read it any more, and then goes on",
      ]
      for number in UInt16(1)...3 {
        try program.home.add(Sample.talk("common", "mine", thread: Sample.thread(number)))
      }
      let lines = try inspect(
        program, named(titles[0], Sample.talk("common", "theirs", "more", thread: Sample.thread(1))),
        named(titles[1], Sample.talk("common", thread: Sample.thread(2))),
        named(titles[2], Sample.talk("common", "mine", "theirs", thread: Sample.thread(3))))
      let table = lines.prefix(4)
      #expect(table.allSatisfy { width($0) <= 80 }, "\(table)")
      #expect(table[0].hasPrefix("TITLE ") && table[0].hasSuffix("WHAT IT IS           TURNS"))
      #expect(
        table[1].hasPrefix("为什么") && table[1].hasSuffix("diverged_lineage     1 common, they +2, you +1"))
      #expect(table[2].hasPrefix("short ") && table[2].hasSuffix("unchanged            1 common, you +1"))
      #expect(table[3].hasSuffix("fast_forward_import  2 common, they +1") && table[3].contains("…"))
    }
  }

  @Test func notesAreBrokenAtTheEdgeAndCommandsAreNot() throws {
    try Program.play { program in
      let lines = try inspect(program, ThreadSample(Sample.talk("one", cwd: "/home/alice/somewhere/else")))
      let notes = lines.drop { !$0.hasPrefix("note ") }.prefix { !$0.isEmpty }
      #expect(notes.count > 1 && notes.allSatisfy { width($0) <= 80 }, "\(lines)")
      #expect(lines.contains { $0.hasPrefix("Carry it out: codex-session-sync sync ") && width($0) > 80 })
    }
  }

  @Test func aBranchIsToldFromItsThreadHoweverLongTheTitle() throws {
    try Program.play { program in
      let title = "Why is checkout so slow on the new machine? (branch from laptop)"
      try program.home.add(Sample.talk("common", "mine"))
      let lines = try inspect(program, named(title, Sample.talk("common", "theirs")))
      #expect(lines[1].hasPrefix("Why") && lines[1].contains("… (branch "), "\(lines)")
      #expect(width(lines[1]) <= 80)
    }
  }
}
