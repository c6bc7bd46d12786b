import CanonicalJSON
import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// What a stranger wrote: shown without being obeyed, copied without being run.
struct HiddenTextTests {
  private static let names = [
    "plain", "with space", "it's", "a;touch PROOF", "$(touch PROOF)", "`touch PROOF`", "a\ntouch PROOF",
    "tab\there", "x\u{0D4E};touch PROOF", "y\u{111C2};touch PROOF", "q'\u{301};touch PROOF;'",
    "\u{202E}right", "zero\u{200B}width", "tag\u{E0041}s", "=ls", "~", "-rf", "a\\b", "!!", "*", "#x", "é中文",
  ]

  @Test func aPrintedCommandIsReadBackAsItWasMeant() throws {
    try Program.play { program in
      let package = try program.package("p", ThreadSample(Sample.talk("one")))
      let copy = try program.root.made("copy")
      for (number, name) in Self.names.enumerated() {
        let path = program.root.appending("d\(number)").appending(name)
        try Folder.create(path.removingLastComponent())
        try symlink(path, to: package)
        let shown = try program.run("inspect-package", path.string).output
        let line = try #require(shown.split(separator: "\n").first { $0.hasPrefix("Carry it out: ") })
        // What a shell makes of the words, in place of running them.
        let script =
          "codex-session-sync() { printf '%s\\0' \"$2\"; }\n" + line.dropFirst("Carry it out: ".count)
        let outcome = try Child.run(
          "/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], in: copy)
        #expect(outcome.output == path.string + "\0", "\(line)")
        #expect(try FileStamp.of(copy.appending("PROOF")) == nil, "\(line)")
      }
    }
  }

  @Test func nothingHiddenReachesAScreen() throws {
    try Program.play { program in
      let hidden =
        "\u{200B}\u{200E}\u{202E}\u{2066}\u{2060}\u{FEFF}\u{E0001}\u{E0041}\u{AD}\u{61C}\u{2800}\u{115F}\u{3164}\u{FFF9}\u{85}\u{2028}"
      let talk = Sample.talk("one", cwd: "/elsewhere/\(hidden)x")
      var builder = try PackageBuilder(program.root.appending("p\(hidden)"))
      try builder.add(
        ThreadSample(
          talk, columns: [("name", .string("a\(hidden)b")), ("model_provider", .string("m\(hidden)"))]))
      let package = try builder.write()
      try package.put(
        "sessions/\(hidden.unicodeScalars.filter { $0 != "\u{85}" }.map(String.init).joined()).txt", "")
      for command in [["inspect-package", package.string], ["sync", package.string, "--execute"]] {
        for option in [[], ["--json"]] {
          let outcome = try Program.run(
            command + option + ["--codex-home", program.home.root.string], in: program.root)
          let shown = Set((outcome.output + outcome.complaint).unicodeScalars)
          #expect(shown.isDisjoint(with: hidden.unicodeScalars), "\(command) \(option)")
        }
      }
      let json = try #require(try program.run("inspect-package", package.string, "--json").json)
      let session = try #require(json["sessions"]?.array?.first)
      #expect(session["cwd"]?["incoming"]?.string == "/elsewhere/\(hidden)x")
      // Of a title only what can be seen travels.
      #expect(
        session["title"]?.string?.unicodeScalars.contains { $0.properties.generalCategory == .format }
          == false)
      #expect(json["package"]?["path"]?.string == package.string)
    }
  }

  @Test func aNewlineInANameMakesNoLineOfItsOwn() throws {
    try Program.play { program in
      let outcome = try program.run("inspect-package", "nothing\nhint: run this")
      #expect(outcome.status == 5)
      #expect(!outcome.complaint.split(separator: "\n").contains("hint: run this"))
    }
  }

  @Test func emojiAndPersianStayReadable() throws {
    try Program.play { program in
      let title = "می\u{200C}خواهم ❤\u{FE0F}"
      let package = try program.package(
        "p", ThreadSample(Sample.talk("one"), columns: [("name", .string(title))]))
      let shown = try program.run("inspect-package", package).output
      #expect(shown.contains("میخواهم ❤") && !shown.contains("\\u{"))
    }
  }
}
