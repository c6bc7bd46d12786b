import CanonicalJSON
import CodexHome
import DurableFiles
import Journal
import Lineage
import Rollout
import SessionPackage
import SessionSync
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import codex_session_sync

/// Everything that the program says when it cannot do what it was told, as Markdown.
struct MessageTable {
  private let path: FilePath = "/path"
  private let id = "019a0000-0000-7000-8000-000000000000"
  private var thread: ThreadID { Sample.thread(1) }

  /// Asks the program what it says to mistakes.
  func markdown() throws -> String {
    let failures = errors.map(Failure.init).sorted {
      ($0.code, $0.status.rawValue, $0.message) < ($1.code, $1.status.rawValue, $1.message)
    }
    return [
      table(
        ["code", "exit", "message", "hint"],
        failures.map { ["`\($0.code)`", "\($0.status.rawValue)", $0.message, $0.hint] }),
      "## Mistakes, and what is said to them",
      table(["command", "code", "exit", "message", "hint"], try Self.mistakes.map(answer)),
      "## What stands in the way of a session",
      table(
        ["blocker", "in words"],
        Blocker.Code.allCases.map { ["`\($0.rawValue)`", Wording.sentence(Blocker($0))] }),
      "## What is said beside a session",
      table(
        ["warning", "in words"],
        SessionWarning.Code.allCases.map { ["`\($0.rawValue)`", Wording.sentence(SessionWarning($0))] }),
      "## What helps where a check of `sidecar-health` fails",
      table(
        ["check", "remedy"],
        HealthReport.Check.allCases.map { ["`\($0.rawValue)`", Wording.remedy($0)] }),
    ].joined(separator: "\n\n") + "\n"
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
      .joined(separator: "\n")
  }

  private static let mistakes = [
    "snc", "list", "pack", "undo", "frobnicate", "help undoo", "--versoin", "sync", "sync p --exectue",
    "sync p --frobnicate",
    "inspect-package p q", "sync p --on-collision perhaps", "sync p --map /x", "sync p --only x", "log x",
    "sync p --wait -5", "packup --all", "packup --output x", "packup --all --since yesterday --output x",
    "packup --all --output p.rar",
    "packup --all --output nowhere/p.zip",
    "rollback", "rollback --latest --transaction-id x", "gc", "list-transactions --limit many",
    "list-transactions --codex-home nowhere", "list-transactions --codex-home other",
    "inspect-package nowhere", "inspect-package text.md", "inspect-package empty", "inspect-package part.zip",
    "TMPDIR=text.md inspect-package p", "sync p --only 01a1f866-0d00-7000-8000-000000000009",
  ]

  private func answer(_ command: String) throws -> [String] {
    try Program.play { program in
      _ = try program.package("p", ThreadSample(Sample.talk("one")))
      try program.root.put("text.md", "no package")
      try program.root.put("other/note.txt", "no home")
      try program.root.put("part.zip", "PK\u{3}\u{4}")
      try Folder.create(program.root.appending("empty"))
      let words = command.split(separator: " ").map(String.init)
      let surroundings = words.prefix { $0.hasPrefix("TMPDIR=") }
      let outcome = try Program.run(
        words.dropFirst(surroundings.count) + ["--json"], in: program.root,
        behind: ["/usr/bin/env", "CODEX_HOME=\(program.home.root)"] + surroundings)
      let error = try #require(outcome.json?["error"], "\(command): \(outcome.output)")
      return try ["`\(command)`", "`\(#require(error["code"]?.string))`", "\(outcome.status)"]
        + ["message", "hint"].map { key in
          try #require(error[key]?.string).replacing("\(program.root)/", with: "")
        }
    }
  }

  /// One error of each kind.
  private var errors: [SyncError] {
    homes.map(SyncError.home) + journals.map(SyncError.journal) + sidecars.map(SyncError.sidecar)
      + packages.map(SyncError.package) + [
        .rollout(.changed(path)), .noSpace(path, needed: 3_000_000, free: 20_000), .anotherRun(path),
        .needsRecovery([id]), .planChanged(expected: "sha256:1…", found: "sha256:2…"), .busy([thread], []),
        .nothingSelected, .noThreads, .unknownThread(thread), .notUndoable(id, .rolledBack), .forgotten(id),
        .laterTransactions([id]), .nothingToUndo, .file(FileError(.write, path, .noSpace)),
        .file(FileError(.read, path, .permissionDenied)),
      ]
  }

  private var homes: [CodexHomeError] {
    [
      .missing(path), .notAHome(path), .databaseBusy(path), .database(path, reason: "disk I/O error"),
      .away([path]),
      .config(path, ConfigDefect(line: 3, reason: "expected a value")),
    ]
  }

  private var journals: [JournalError] {
    [
      .rows("disk I/O error"), .rowsBusy, .unknownTransaction(id), .malformed(path), .conflict(path),
      .interrupted, .unsettled(id, .rowsBusy), .unsettled(id, .file(FileError(.write, path, .ioError))),
    ]
  }

  private var sidecars: [SidecarError] {
    [.newer(path), .damaged(path), .database(path, reason: "disk I/O error")]
  }

  private var packages: [PackageError] {
    [
      .notFound(path), .notAPackage(path), .damagedArchive(path, reason: "Truncated input"),
      .archiveNotWritten(path, reason: "Write error"), .unsafeEntry(name: "../x", .name),
      .overLimit(.totalBytes, limit: 1, entry: "x"), .missingManifest, .manifestNotAnObject,
      .wrongKind(found: "theme"),
      .unsupportedVersion(found: 2), .checksumMismatch(path: "sessions/x"), .targetNotEmpty(path),
      .targetExists(path), .targetFolderMissing(path), .targetInHome(path), .severalPackages(["p1", "p2"]),
    ] + broken.map(PackageError.malformedManifest)
  }

  private var broken: [JSONSyntaxError] {
    do throws(JSONSyntaxError) { _ = try JSONValue(parsing: Array("{".utf8)) } catch { return [error] }
    return []
  }
}
