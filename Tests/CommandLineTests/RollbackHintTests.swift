import CanonicalJSON
import CodexHome
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// Each command that a rollback prints, followed literally, does what the line before it says.
struct RollbackHintTests {
  private let one = Sample.thread(1)
  private let two = Sample.thread(2)

  /// A second delivery, of which one thread went on since; answers both transactions.
  private func play(_ body: (Program, _ first: String, _ second: String) throws -> Void) throws {
    try Program.play { program in
      func sync(_ name: String, _ samples: ThreadSample...) throws -> String {
        var builder = try PackageBuilder(program.root.appending(name))
        for sample in samples { try builder.add(sample) }
        let path = try builder.write().string
        let done = try program.run("sync", path, "--execute", "--json")
        return try #require(done.json?["transaction_id"]?.string)
      }
      let zero = Sample.talk("zero", thread: Sample.thread(3))
      let first = try sync("first", ThreadSample(zero))
      let second = try sync(
        "second", ThreadSample(Sample.talk("one")), ThreadSample(Sample.talk("two", thread: two)))
      let file = try #require(try self.file(program, one))
      var talk = TranscriptBuilder(one, firstOrdinal: 100, seconds: 900)
      talk.lines = []
      talk.hasBegun()
      talk.turn("my own work")
      try DurableFile.replace(file, with: try FileReading.bytes(of: file) + talk.bytes)
      try body(program, first, second)
    }
  }

  private func file(_ program: Program, _ thread: ThreadID) throws -> FilePath? {
    try program.home.open().rollouts().last { $0.name.thread == thread }?.path
  }

  /// The words of the command that a line of the output ends with.
  private func command(_ output: String, behind words: String) throws -> [String] {
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix(words) }, "\(output)")
    let command = try #require(line.firstRange(of: "codex-session-sync "))
    return line[command.upperBound...].split(separator: " ").map(String.init)
  }

  private func follow(_ words: [String], _ program: Program) throws -> Program.Outcome {
    try Program.run(words, in: program.root)
  }

  @Test func aDryRunNamesTheTransactionAndItsCommandUndoesIt() throws {
    try play { program, first, second in
      let shown = try program.run("rollback", "--latest")
      #expect(shown.status == 3 && shown.output.hasPrefix("Would undo \(second) (sync of "))
      let words = try command(shown.output, behind: "Nothing changed yet. Carry it out: ")
      #expect(words.contains(second) && !words.contains("--latest"))
      let done = try follow(words, program)
      #expect(done.status == 3 && done.output.hasPrefix("Undoing \(second)"))
      #expect(try file(program, two) == nil && file(program, one) != nil)
      #expect(try file(program, Sample.thread(3)) != nil)

      let rest = try command(done.output, behind: "Undo the rest, ")
      let finished = try follow(rest, program)
      #expect(finished.status == 0 && finished.output.contains("branch"), "\(finished)")
      #expect(try file(program, one) == nil && file(program, Sample.thread(3)) != nil)
      let again = try program.run("rollback", second, "--json")
      #expect(again.status == 1 && again.json?["error"]?["code"] == "not_undoable")
      #expect(again.json?["error"]?["message"]?.string?.contains("rolled back already, by ") == true)
    }
  }

  @Test func theOtherCommandOfADryRunKeepsTheWorkAsABranch() throws {
    try play { program, _, second in
      let shown = try program.run("rollback", second)
      let done = try follow(try command(shown.output, behind: "Or with the work on "), program)
      #expect(done.status == 0 && done.output.contains("branch"))
      #expect(try file(program, one) == nil && file(program, two) == nil)
    }
  }

  @Test func theLatestOfWhichNothingMoreCanBeUndoneSaysHow() throws {
    try play { program, first, _ in
      _ = try program.run("rollback", "--latest", "--execute")
      let again = try program.run("rollback", "--latest", "--execute")
      #expect(again.status == 3 && again.output.contains("Nothing more can be undone."))
      let done = try follow(try command(again.output, behind: "Undo it with the work on "), program)
      #expect(done.status == 0)
      let statuses = try program.run("list-transactions", "--brief", "--json").json?["transactions"]?.array
      #expect(statuses?.map { $0["status"]?.string }.last == "committed")
      #expect(statuses?.last?["transaction_id"]?.string == first && statuses?.last?["details"] == [:])
    }
  }

  @Test func whatWasBuiltUponIsNamedWithTheCommandThatTakesItAlong() throws {
    try play { program, _, second in
      let third = try program.run(
        "sync", try program.package("third", ThreadSample(Sample.talk("two", "more", thread: two))),
        "--execute",
        "--json")
      let id = try #require(third.json?["transaction_id"]?.string)
      let refused = try program.run("rollback", second)
      #expect(refused.status == 1 && refused.complaint.contains("\(id) (sync of "))
      let hint = try #require(refused.complaint.split(separator: "\n").first { $0.hasPrefix("hint: ") })
      let shown = try follow(try command(String(hint), behind: "hint: "), program)
      #expect(shown.output.contains("  and with it \(id)"))
      let done = try follow(
        try command(shown.output, behind: "Nothing changed yet. Carry it out: "), program)
      #expect(done.status == 3)
      #expect(try file(program, two) == nil && file(program, one) != nil)
    }
  }

  @Test func theReportTellsEachThreadByItsTitle() throws {
    try play { program, _, second in
      let done = try program.run("rollback", "--latest", "--execute", "--json")
      #expect(done.json?["targets"]?.array?.map { $0["transaction_id"]?.string } == [second])
      #expect(done.json?["targets"]?.array?.first?["command"] == "sync")
      let threads = done.json?["threads"]?.array ?? []
      #expect(threads.map { $0["effect"] } == ["kept", "taken_away"])
      #expect(threads.allSatisfy { $0["title"]?.string?.isEmpty == false })
      let shown = try program.run("show-transaction", second, "--json")
      let undoing = done.json?["transaction_id"]?.string
      #expect(
        shown.json?["threads"]?.array?.map { $0["undoing"]?["transaction_id"]?.string } == [undoing, undoing])
      #expect(shown.json?["transaction"]?["status"] == "partly_rolled_back")
      #expect(try program.run("log").output.contains("imported (kept by rollback \(undoing ?? ""))"))
    }
  }
}
