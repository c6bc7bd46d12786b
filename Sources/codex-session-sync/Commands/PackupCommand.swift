import ArgumentParser
import CanonicalJSON
import CodexHome
import Foundation
import Rollout
import SessionPackage
import SessionSync
import SystemPackage

struct PackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packup",
    abstract: "Pack sessions into a folder or an archive.",
    discussion: """
      Each session becomes one self-contained transcript, in the layout of codex-session-transfer, which can install \
      it too. Sub-agents travel with their parent. Nothing is ever written into a folder that has something in it.

      Examples:
        codex-session-sync packup --all --output ~/monday.tar.zst
        codex-session-sync packup --cwd ~/work/shop --output /media/stick/shop
      """)

  @Option(
    help: ArgumentHelp(
      "The package: a new folder, or a name ending in .zip, .tar, .tar.gz (.tgz) or .tar.zst.",
      valueName: "path"),
    completion: .file())
  var output: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Sessions that work in these folders, or below.", valueName: "dir"),
    completion: .directory)
  var cwd: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("These sessions.", valueName: "id"))
  var thread: [String] = []

  @Flag(help: "All sessions of the home.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Only sessions that went on since then: a day or a time on this machine's clock, or an age such as 7d or 12h.",
      valueName: "when"))
  var since: String?

  @Flag(help: "Take the home's skills along.")
  var withSkills = false

  @Option(help: "What to call the package.")
  var title: String?

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = try common.openHome()
    var options = Packup.Options(try selection())
    options.since = try since.map(time)
    options.withSkills = withSkills
    options.title = title
    let target = common.absolute(output)
    try Self.requireWritten(target)
    let result = try common.withSurroundings([Place(side: .target, path: target)]) { surroundings in
      let packup = Packup(home: home, options: options, surroundings: surroundings)
      return try waiting.patiently { () throws(SyncError) in try packup.write(to: target) }
    }
    defer { Output.confirm("the package is whole: \(result.summary.path)") }
    if common.json {
      Output.line(Report.packup(result, home: home.root.string).bytes)
    } else if common.quiet {
      Output.print(result.summary.path.string)
    } else {
      describe(result)
    }
    if !result.blocked.isEmpty { throw ExitCode(ExitStatus.incomplete.rawValue) }
  }

  private func selection() throws -> Packup.Selection {
    switch (cwd.isEmpty, thread.isEmpty, all) {
    case (false, true, false):
      return .folders(cwd.map { PathMap.isAbsolute($0) ? $0 : common.absolute($0).string })
    case (true, false, false): return .threads(try thread.map(PackageOptions.localID))
    case (true, true, true): return .all
    case (true, true, false) where since != nil: return .all
    default:
      throw Failure.usage(
        "Say which sessions: one of --cwd, --thread and --all, or --since.",
        hint: "See codex-session-sync packup --help.")
    }
  }

  /// Refuses what looks like an archive that is not written here, and would become a folder.
  private static func requireWritten(_ target: FilePath) throws {
    let name = target.lastComponent?.string.lowercased() ?? ""
    let written = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst"]
    let others = [".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".tbz", ".txz", ".tzst"]
    guard !written.contains(where: name.hasSuffix), let other = others.first(where: name.hasSuffix) else {
      return
    }
    throw Failure.usage(
      "Packages are not written as \(other).",
      hint: "Use .zip, .tar, .tar.gz or .tar.zst, or a name without an ending for a folder.")
  }

  private func time(_ text: String) throws -> Timestamp {
    guard let time = Since(zone: .current, now: common.now).time(text) else {
      throw Failure.usage(
        "--since \(text) is no date, time or age.",
        hint: "For example --since 2026-11-01, --since 2026-11-01T18:30 or --since 7d.")
    }
    return time
  }

  private func describe(_ result: Packup.Result) {
    let showsIDs = Output.width >= SessionTable.widthForIDs
    var table = Table((showsIDs ? ["SESSION"] : []) + ["TITLE", "TURNS", "FOLDER"])
    for thread in result.packed {
      let length = thread.turns.map(String.init) ?? "\(thread.history) records"
      let texts = [DisplayWidth.fit(title: thread.title, 32), length, thread.cwd ?? ""]
      table.add(((showsIDs ? [thread.thread.text] : []) + texts).map { .init($0) })
    }
    table.lines(common.style).forEach(Output.print)
    for blocked in result.blocked {
      Output.print("\(common.style.red("blocked")) \(blocked.thread): \(Wording.sentence(blocked.blocker))")
    }
    let warnings = result.packed.flatMap { thread in thread.warnings.map { (thread.title, $0) } }
    for (title, warning) in warnings {
      Output.print(
        "\(common.style.yellow("note")) \(DisplayWidth.fit(title: title, 40)): \(Wording.sentence(warning))")
    }
    common.notes(result.homeWarnings).forEach(Output.print)
    if let first = result.old.first {
      let count = result.old.count == 1 ? "1 transcript is" : "\(result.old.count) transcripts are"
      Output.print(
        "\(common.style.yellow("note")) \(count) of before September 2025, which no Codex since lists or reads, and left "
          + "out: \(first)\(result.old.count == 1 ? "" : " and others")")
    }
    for path in result.summary.skippedSkillEntries {
      Output.print(
        "\(common.style.yellow("note")) skills/\(path) is left out: a link, no plain file, or no plain name")
    }
    Output.print("")
    let count = result.packed.count
    let skills = result.summary.skills
    let more = skills.isEmpty ? "" : " and the skills \(skills.joined(separator: ", "))"
    Output.print("Packed \(count) \(count == 1 ? "session" : "sessions")\(more) into \(result.summary.path)")
  }
}
