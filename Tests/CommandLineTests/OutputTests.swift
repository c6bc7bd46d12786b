import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

struct OutputTests {
  /// The column at which a word of a table's line begins, as a terminal shows it.
  private func column(of word: String, in line: Substring) -> Int? {
    guard let range = line.firstRange(of: word) else { return nil }
    return line[..<range.lowerBound].unicodeScalars.reduce(0) { $0 + (0x2E80...0xFFFF ~= $1.value ? 2 : 1) }
  }

  @Test func aTableStaysAlignedUnderAnyTitle() throws {
    try Program.play { program in
      let titles = [
        "plain", "修复登录页面的错误并且再检查一遍所有的测试用例是否通过", "evil\u{1B}[2J\u{1B}]0;owned\u{7}\r\n\t\u{9B}31m",
        "e\u{301}a\u{300}",
        "right\u{202E}left",
      ]
      let package = try {
        var builder = try PackageBuilder(program.root.appending("p"))
        for (index, title) in titles.enumerated() {
          let talk = Sample.talk("q\(index)", thread: Sample.thread(UInt16(index + 1)))
          try builder.add(ThreadSample(talk, columns: [("name", .string(title))]))
        }
        return try builder.write().string
      }()
      let outcome = try program.run("inspect-package", package)
      #expect(outcome.status == 0 && outcome.complaint.isEmpty)
      let rows = outcome.output.split(separator: "\n").prefix(titles.count + 1)
      #expect(rows.count == titles.count + 1)
      let plain = rows.dropFirst().prefix(3)
      #expect(Set(plain.map { column(of: "new_lineage", in: $0) }).count == 1, "\(outcome.output)")
      #expect(rows.dropFirst().allSatisfy { $0.contains("new_lineage") })
      #expect(!outcome.output.unicodeScalars.contains("\u{202E}"), "a title turns the line around")
      let packed = try program.run("sync", package, "--execute")
      #expect(packed.status == 0 && packed.output.contains("rollback --transaction-id"))
      let id = try #require(
        try program.run("list-transactions", "--quiet").output.split(separator: "\n").first)
      #expect(try program.run("show-transaction", String(id)).status == 0)
      #expect(try program.run("packup", "--all", "--output", "out").status == 0)
      #expect(try program.run("rollback", "--latest").status == 0)
    }
  }

  @Test func namesOfAPackageDoNotMoveTheCursor() throws {
    try Program.play { program in
      let evil = "\u{1B}[2J\u{7}"
      var builder = try PackageBuilder(program.root.appending("p"))
      try builder.add(
        ThreadSample(Sample.talk("one"), columns: [("rollout_path", .string("/x/rollout\(evil).jsonl"))]))
      let other = Sample.talk("two", thread: Sample.thread(2), cwd: "/evil\(evil)")
      try builder.add(ThreadSample(other, columns: [("model_provider", .string("p\(evil)"))]))
      builder.rows.append(["id": .string("no\(evil)id")])
      let package = try builder.write().string
      for arguments in [["inspect-package", package], ["sync", package, "--execute"]] {
        _ = try Program.run(arguments + ["--codex-home", program.home.root.string], in: program.root)
      }
      _ = try program.run("packup", "--all", "--output", "out\(evil)")
      _ = try program.run("inspect-package", "nothing\(evil)")
      try builder.path.put("package_manifest.json", #"{"format_version":1,"package_kind":"\u001b[2J"}"#)
      #expect(try program.run("inspect-package", package).status == 5)
      try program.root.put("p/sessions/\(evil).txt", "x")
      #expect(try program.run("inspect-package", package).status == 5)
    }
  }

  @Test func quietSaysIDsAndErrorsOnly() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      #expect(try program.run("inspect-package", package, "--quiet").output.isEmpty)
      #expect(try program.run("sync", package, "--quiet").output.isEmpty)
      let done = try program.run("sync", package, "--execute", "--quiet")
      let id = done.output.split(separator: "\n").map(String.init)
      #expect(id.count == 1 && ThreadID(id.first ?? "") != nil && done.complaint.isEmpty)
      #expect(try program.run("list-transactions", "--quiet").output == done.output)
      #expect(try program.run("show-transaction", id[0], "--quiet").output.split(separator: "\n").count <= 1)
      #expect(try program.run("recover", "--quiet").output.isEmpty)
      #expect(
        try program.run("packup", "--all", "--output", "out", "--quiet").output.split(separator: "\n").count
          == 1)
      let undone = try program.run("rollback", "--latest", "--execute", "--quiet")
      #expect(ThreadID(undone.output.split(separator: "\n").first.map(String.init) ?? "") != nil)
      #expect(!(try program.run("rollback", "--latest", "--quiet").complaint.isEmpty))
    }
  }

  @Test func theReportSaysWhatWasFound() throws {
    try Program.play { program in
      try program.home.add(Sample.talk("one"))
      let package = try program.package("p", ThreadSample(Sample.talk("one", "two")))
      let json = try #require(try program.run("inspect-package", package, "--json").json)
      #expect(json["command"] == "inspect-package" && json["package"]?["origin"] == .null)
      #expect(json["package"]?["path"]?.string == package && json["package"]?["sessions"] == 1)
      let session = try #require(json["sessions"]?.array?.first)
      #expect(session["classification"] == "fast_forward_import" && session["matched_by"] == "thread_id")
      #expect(session["detail"] == .null && session["blockers"] == [] && session["action"] == "append")
      #expect(session["turns"] == ["common": 1, "incoming": 2, "local": 1])
    }
  }

  @Test func aHomeWithoutACatalogueGetsNone() throws {
    try Program.play(hasCatalogue: false) { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      #expect(try program.run("sync", package, "--execute", "--json").status == 0)
      #expect(try FileStamp.of(program.home.catalogue) == nil)
    }
  }

  @Test func theExampleOfTheLibrarySaysWhatASessionIs() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let outcome = try Program.run(
        [package, program.home.root.string], in: program.root, program: "inspect-example")
      let lines = outcome.output.split(separator: "\n")
      #expect(outcome.status == 0 && lines.count == 2, "\(outcome.output)\(outcome.complaint)")
      #expect(lines.first?.contains("new_lineage import 0") == true)
      #expect(lines.last?.hasPrefix("sha256:") == true)
    }
  }

  @Test func commandsThatArePrintedWorkAsTheyStand() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let done = try program.run("sync", package, "--execute")
      let undoing = try #require(done.output.split(separator: "\n").first { $0.hasPrefix("Undo it: ") })
      let words = undoing.split(separator: " ").dropFirst(3).map(String.init)
      let shown = try Program.run(words.filter { $0 != "--execute" }, in: program.root)
      #expect(shown.output.hasPrefix("Would undo "), "\(shown.output)")
      let carrying = try #require(shown.output.split(separator: "\n").last { $0.contains("Carry it out: ") })
      let command = try #require(carrying.firstRange(of: "codex-session-sync "))
      let again = carrying[command.upperBound...].split(separator: " ").map(String.init)
      #expect(again == words)
      let undone = try Program.run(again, in: program.root)
      #expect(undone.status == 0 && undone.output.contains("Undone, as transaction "), "\(undone.output)")
    }
  }

  @Test func sessionsSinceADayArePackedWithoutMore() throws {
    try Program.play { program in
      try program.home.add(Sample.talk("one"))
      let packed = try program.run("packup", "--since", "2020-01-01", "--output", "out")
      #expect(packed.status == 0 && packed.output.contains("Packed 1 session into "), "\(packed.output)")
    }
  }
}
