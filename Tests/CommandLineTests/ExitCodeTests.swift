import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct ExitCodeTests {
  private func code(_ outcome: Program.Outcome) -> String? { outcome.json?["error"]?["code"]?.string }

  @Test func zeroIsDoneOrNothingToDo() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let shown = try program.run("sync", package, "--json")
      #expect(
        shown.status == 0 && shown.json?["status"] == "dry_run" && shown.json?["transaction_id"] == .null)
      let digest = try #require(shown.json?["plan_digest"]?.string)
      let done = try program.run("sync", package, "--execute", "--plan", digest, "--json")
      #expect(done.status == 0 && done.json?["status"] == "committed")
      #expect(done.json?["plan_digest"]?.string == digest)
      let again = try program.run("sync", package, "--execute", "--json")
      #expect(again.status == 0 && again.json?["status"] == "nothing_to_do")
      let listed = try program.run("list-transactions", "--json")
      let id = try #require(done.json?["transaction_id"]?.string)
      #expect(listed.json?["transactions"]?.array?.map { $0["transaction_id"]?.string } == [id])
      #expect(
        try program.run("show-transaction", id, "--json").json?["transaction"]?["status"] == "committed")
      #expect(try program.run("recover", "--json").json?["status"] == "nothing_to_do")
      let undone = try program.run("rollback", "--latest", "--execute", "--json")
      #expect(undone.status == 0 && undone.json?["rolled_back"]?.string == id)
    }
  }

  @Test func aPreservedDivergenceIsSuccess() throws {
    try Program.play { program in
      try program.home.add(Sample.talk("one", "mine"))
      let package = try program.package("p", ThreadSample(Sample.talk("one", "theirs")))
      let done = try program.run("sync", package, "--execute", "--json")
      #expect(done.status == 0 && done.json?["summary"]?["diverged_lineage"] == 1)
    }
  }

  @Test func oneIsFailed() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let changed = try program.run("sync", package, "--execute", "--plan", "sha256:0", "--json")
      #expect(changed.status == 1 && code(changed) == "plan_changed")
      let nothing = try program.run("rollback", "--latest", "--json")
      #expect(nothing.status == 1 && code(nothing) == "nothing_to_undo")
      let unknown = try program.run("show-transaction", "x", "--json")
      #expect(unknown.status == 1 && code(unknown) == "unknown_transaction")
      let none = try program.run("packup", "--all", "--output", "out", "--json")
      #expect(none.status == 1 && code(none) == "nothing_selected")
      let thread = try program.run("packup", "--thread", Sample.thread(9).text, "--output", "out", "--json")
      #expect(thread.status == 1 && code(thread) == "unknown_thread")
    }
  }

  @Test func aHomeThatIsMissingOrNoneIsSaid() throws {
    try Program.play { program in
      try program.root.put("plain/file.txt", "x")
      for (home, expected) in [("nowhere", "no_home"), ("plain", "not_a_home")] {
        for command in [
          ["list-transactions"], ["recover"], ["rollback", "--latest"], ["inspect-package", "p"],
        ] {
          let outcome = try Program.run(command + ["--codex-home", home, "--json"], in: program.root)
          #expect(outcome.status == 1 && code(outcome) == expected, "\(command)")
        }
        let human = try Program.run(["list-transactions", "--codex-home", home], in: program.root)
        expectOneSentenceAndOneHint(human)
      }
    }
  }

  private func expectOneSentenceAndOneHint(_ outcome: Program.Outcome) {
    let lines = outcome.complaint.split(separator: "\n")
    #expect(outcome.output.isEmpty && lines.count == 2, "\(outcome.complaint)")
    #expect(lines.first?.hasPrefix("error: ") == true && lines.last?.hasPrefix("hint: ") == true)
  }

  @Test func threeIsDoneInPart() throws {
    try Program.play { program in
      try program.home.add(Sample.talk("mine"))
      var other = TranscriptBuilder(seconds: 5000)
      other.turn("quite another")
      let new = ThreadSample(Sample.talk("b", thread: Sample.thread(2)))
      let package = try program.package("p", ThreadSample(other), new)
      #expect(try program.run("inspect-package", package, "--json").status == 3)
      let done = try program.run("sync", package, "--execute", "--json")
      #expect(done.status == 3 && done.json?["status"] == "committed")
      #expect(
        done.json?["summary"]?["id_collision_unrelated"] == 1 && done.json?["summary"]?["new_lineage"] == 1)
    }
  }

  @Test func fourIsBusy() throws {
    try Program.play { program in
      try program.home.add(Sample.talk("one"))
      let package = try program.package("p", ThreadSample(Sample.talk("one", "two")))
      func holding(_ name: String, _ body: () throws -> Void) throws {
        let path = try program.home.root.put(name, "")
        guard let lock = try FileLock.acquire(path) else { throw Errno.resourceBusy }
        defer { _ = lock.path }
        try body()
      }
      try holding("session-sync/lock") {
        let outcome = try program.run("sync", package, "--execute", "--json")
        #expect(outcome.status == 4 && code(outcome) == "another_run")
        #expect(try program.run("recover", "--json").status == 0)
      }
      try holding("thread-writer-locks/\(Sample.thread(1)).lock") {
        let outcome = try program.run("sync", package, "--execute", "--json")
        #expect(outcome.status == 4)
        #expect(outcome.json?["sessions"]?.array?.first?["blockers"]?.array?.first?["code"] == "busy")
      }
      #expect(try program.run("sync", package, "--execute", "--json").status == 0)
      try holding("thread-writer-locks/\(Sample.thread(1)).lock") {
        let outcome = try program.run("rollback", "--latest", "--execute", "--json")
        #expect(outcome.status == 4 && code(outcome) == "busy")
      }
    }
  }

  @Test func fiveIsAPackageRefused() throws {
    try Program.play { program in
      func refusal(_ name: String, _ spoil: (FilePath) throws -> Void) throws -> String? {
        let package = FilePath(try program.package(name, ThreadSample(Sample.talk("one"))))
        try spoil(package)
        let outcome = try program.run("sync", package.string, "--execute", "--json")
        #expect(outcome.status == 5 && program.home.root.appending("session-sync").string.isEmpty == false)
        #expect(try FileStamp.of(program.home.root.appending("session-sync")) == nil)
        let human = try program.run("inspect-package", package.string)
        #expect(human.status == 5)
        expectOneSentenceAndOneHint(human)
        return code(outcome)
      }
      func manifest(_ text: String) -> (FilePath) throws -> Void {
        { try $0.put("package_manifest.json", text) }
      }
      let missing = try refusal("a") { try DurableFile.remove($0.appending("package_manifest.json")) }
      #expect(missing == "no_manifest")
      #expect(try refusal("b", manifest("{")) == "malformed_manifest")
      #expect(try refusal("c", manifest("[]")) == "malformed_manifest")
      #expect(try refusal("d", manifest(#"{"format_version":1,"package_kind":"x"}"#)) == "wrong_kind")
      let newer = #"{"format_version":9,"package_kind":"session-skill-package"}"#
      #expect(try refusal("e", manifest(newer)) == "unsupported_version")
      try program.root.put("broken.zip", "PK\u{3}\u{4} and no more")
      #expect(code(try program.run("inspect-package", "broken.zip", "--json")) == "damaged_archive")
      try program.home.add(Sample.talk("mine"))
      for name in ["whole.tar.zst", "whole.tar.gz", "whole.zip"] {
        #expect(try program.run("packup", "--all", "--output", name).status == 0)
        let bytes = try FileReading.bytes(of: program.root.appending(name))
        try program.root.put(
          "cut-\(name)", Array(bytes.dropLast(name.hasSuffix("zip") ? bytes.count / 2 : 30)))
        let cut = try program.run("inspect-package", "cut-\(name)", "--json")
        #expect(code(cut) == "damaged_archive", "\(name): \(cut.output)")
      }
      try program.root.put("note.txt", "just a note")
      #expect(try program.run("inspect-package", "note.txt", "--json").status == 5)
      #expect(code(try program.run("inspect-package", "nothing-here", "--json")) == "no_package")
    }
  }

  @Test func sixIsAStateThatNeedsRecovery() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let done = try program.run("sync", package, "--execute", "--json")
      let id = try #require(done.json?["transaction_id"]?.string)
      let manifest = program.home.root.pushing(FilePath("session-sync/journal/\(id)/manifest.json"))
      let text = try manifest.text()
      try DurableFile.replace(
        manifest, with: Array(text.split(separator: "committed").joined(separator: "prepared").utf8))
      for command in [["inspect-package", package], ["sync", package], ["rollback", "--latest"]] {
        let outcome = try Program.run(
          command + ["--codex-home", program.home.root.string, "--json"], in: program.root)
        #expect(outcome.status == 6 && code(outcome) == "needs_recovery", "\(command)")
      }
      #expect(try program.run("sidecar-health").status == 6)
      let recovered = try program.run("recover", "--json")
      #expect(try program.run("sidecar-health").status == 0)
      #expect(
        recovered.status == 0 && recovered.json?["transactions"]?.array?.first?["outcome"] == "completed")
      try DurableFile.replace(manifest, with: Array("{".utf8))
      let damaged = try program.run("list-transactions", "--json")
      #expect(damaged.status == 6 && code(damaged) == "journal_damaged")
    }
  }
}
