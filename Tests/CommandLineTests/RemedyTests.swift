import CanonicalJSON
import DurableFiles
import Foundation
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

/// What `sidecar-health` prints to be done is done, word for word, until nothing is wrong any more.
struct RemedyTests {
  /// A state of a home that something is wrong with.
  struct Wrong: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The first check that says so.
    let check: String
    let make: @Sendable (Program) throws -> Void

    init(_ name: String, _ check: String, _ make: @escaping @Sendable (Program) throws -> Void) {
      testDescription = name
      self.check = check
      self.make = make
    }
  }

  private static let thread = Sample.thread(1)
  private static let talk = Sample.talk("one", "two")

  static let states: [Wrong] = [
    Wrong("a transaction is open", "transactions_are_settled") { program in
      let manifest = try program.manifest()
      let text = try manifest.text().replacing(#""status":"committed""#, with: #""status":"applied""#)
      try DurableFile.replace(manifest, with: Array(text.utf8))
    },
    Wrong("the sidecar is damaged", "sidecar_is_readable") { program in
      try program.home.root.put("session-sync/sidecar.sqlite", "no database")
    },
    Wrong("the sidecar is gone", "sidecar_is_readable") { program in
      try DurableFile.remove(program.home.root.pushing("session-sync/sidecar.sqlite"))
    },
    Wrong("the journal is older than the sidecar", "sidecar_agrees_with_journal") { program in
      try Folder.removeTree(try program.manifest().removingLastComponent())
    },
    Wrong("the file is gone, its package is there", "effects_are_on_disk") { program in
      try DurableFile.remove(try program.file())
    },
    Wrong("the file is gone, and its package", "effects_are_on_disk") { program in
      try DurableFile.remove(try program.file())
      try Folder.removeTree(program.root.appending("p"))
    },
    Wrong("the file is empty, its package is there", "effects_are_on_disk") { program in
      try DurableFile.replace(try program.file(), with: [])
    },
    Wrong("the file is empty, and its package gone", "effects_are_on_disk") { program in
      try DurableFile.replace(try program.file(), with: [])
      try Folder.removeTree(program.root.appending("p"))
    },
    Wrong("a session of this home is empty", "rollouts_are_readable") { program in
      try DurableFile.replace(try program.home.add(Sample.talk("own", thread: Sample.thread(9))), with: [])
    },
    Wrong("a session of this home lost its file", "rows_have_files") { program in
      try DurableFile.remove(try program.home.add(Sample.talk("own", thread: Sample.thread(9))))
    },
    Wrong("the end of the file is gone, and its package", "effects_are_on_disk") { program in
      try DurableFile.replace(try program.file(), with: Sample.talk("one").bytes)
      try Folder.removeTree(program.root.appending("p"))
    },
    Wrong("a session of this home lost its end", "histories_only_grow") { program in
      let path = try program.home.add(Sample.talk("own", "more", thread: Sample.thread(9)))
      let package = try program.package("q", ThreadSample(Sample.talk("third", thread: Sample.thread(3))))
      #expect(try program.run("sync", package, "--execute").status == 0)
      try DurableFile.replace(path, with: Sample.talk("own", thread: Sample.thread(9)).bytes)
    },
    Wrong("the file holds another conversation", "effects_are_on_disk") { program in
      try DurableFile.replace(try program.file(), with: Sample.talk("other", "words").bytes)
      try Folder.removeTree(program.root.appending("p"))
    },
    Wrong("the file lies elsewhere than the row says", "rows_have_files") { program in
      let path = try program.file()
      let folder = program.home.root.appending("archived_sessions")
      try Folder.create(folder)
      try rename(path, to: folder.appending(path.lastComponent?.string ?? ""))
    },
    Wrong("the row says another format", "rows_fit_formats") { program in
      try program.home.execute("UPDATE threads SET history_mode = 'legacy'")
    },
    Wrong("what Codex derived goes beyond the file", "projections_fit_rollouts") { program in
      try program.home.execute(
        "INSERT INTO thread_history_projection_state VALUES (?, 99999999, 1)", [.string(thread.text)],
        in: "thread_history_1.sqlite")
    },
    Wrong("sessions and catalogue are from a backup, and the package is gone", "effects_are_on_disk") {
      program in
      let backup = try program.root.made("backup")
      for name in ["sessions", "state_5.sqlite"] {
        try Self.shell(["cp", "-a", program.home.root.appending(name).string, backup.string], program)
      }
      let package = try program.package(
        "q", ThreadSample(talk.and("three")), ThreadSample(Sample.talk("new", thread: Sample.thread(2))))
      #expect(try program.run("sync", package, "--execute").status == 0)
      for name in ["sessions", "state_5.sqlite"] {
        let path = program.home.root.appending(name)
        try Self.shell(["rm", "-rf", path.string, "\(path)-wal", "\(path)-shm"], program)
        try Self.shell(["cp", "-a", backup.appending(name).string, program.home.root.string], program)
      }
      for name in ["p", "q"] { try Folder.removeTree(program.root.appending(name)) }
    },
  ]

  @Test(arguments: states) func whatIsPrintedToBeDoneEndsInASoundHome(_ wrong: Wrong) throws {
    try Program.play { program in
      #expect(
        try program.run("sync", try program.package("p", ThreadSample(Self.talk)), "--execute").status == 0)
      #expect(try program.run("sidecar-health").status == 0)
      try wrong.make(program)
      var followed: [String] = []
      while true {
        let health = try program.run("sidecar-health", "--json")
        if health.status == 0, !followed.isEmpty { break }
        #expect(health.status == 6)
        let findings = (health.json?["checks"]?.array ?? []).flatMap { check in
          (check["findings"]?.array ?? []).filter { $0["expected"] == false }.map {
            (check["check"], $0["remedy"])
          }
        }
        let first = try #require(findings.first)
        if followed.isEmpty { #expect(findings.contains { $0.0?.string == wrong.check }, "\(findings)") }
        let remedy = try #require(first.1?.string)
        followed.append(remedy)
        try #require(followed.count < 8, "\(followed.joined(separator: "\n"))\n\(health.output)")
        try Self.shell(["sh", "-c", remedy], program)
      }
      // People see the same words.
      #expect(try program.run("sidecar-health").output.contains("All is as it should be."))
    }
  }

  /// Runs a command as a person would, in whose path the program and Codex are.
  private static func shell(_ words: [String], _ program: Program) throws {
    let bin = program.root.appending("bin")
    if try FileStamp.of(bin) == nil {
      let database = program.home.catalogue
      try bin.put(
        "codex",
        """
        #!/bin/sh
        # `codex delete ID --force`: file and row are gone.
        [ "$1" = delete ] && [ "$3" = --force ] || exit 1
        find '\(program.home.root)' -name "rollout-*$2*" -delete
        sqlite3 '\(database)' "DELETE FROM threads WHERE id = '$2'" 2>/dev/null ||
          python3 -c "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('delete from threads where id=?', (sys.argv[2],)); c.commit()" '\(database)' "$2"
        """)
      try symlink(bin.appending("codex-session-sync"), to: try Program.path)
      try chmod(bin.appending("codex"), 0o755)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = [
      "HOME": program.root.appending("bob").string, "TMPDIR": "/tmp",
      "PATH": "\(bin):/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: program.root.string)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
  }
}

extension Program {
  /// The manifest of the newest transaction.
  fileprivate func manifest() throws -> FilePath {
    let journal = home.root.pushing("session-sync/journal")
    let newest = try #require(try Folder.names(in: journal).last { $0 != "kept" })
    return journal.appending(newest).appending("manifest.json")
  }

  /// The file of the thread that was delivered.
  fileprivate func file() throws -> FilePath { try home.path(of: ThreadSample(Sample.talk("one", "two"))) }
}
