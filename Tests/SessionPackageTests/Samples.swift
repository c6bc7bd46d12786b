import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionPackage

/// Two threads and what is made of them.
enum Samples {
  static let first = "019a0000-0000-7000-8000-000000000001"
  static let second = "019a0000-0000-7000-8000-000000000002"
  static let firstName = "rollout-2025-01-02T03-04-05-\(first).jsonl"
  static let secondName = "rollout-2025-01-03T03-04-05-\(second).jsonl"
  static let transcript = #"{"type":"session_meta","payload":{}}"# + "\n"
  static let modified = FileTime(seconds: 1_700_000_000, nanoseconds: 0)

  static let manifest = """
    {"format_version": 1, "package_kind": "session-skill-package", "minimum_working_set_only": true,
     "cwd_filter": "C:\\\\Users\\\\jian\\\\Documents\\\\R", "thread_ids": ["\(first)", "\(second)"],
     "skills_included": ["a-skill"]}
    """

  static func id(_ text: String) throws -> ThreadID { try #require(ThreadID(text)) }

  /// A row as a Windows machine has it.
  static func row(_ id: String, _ name: String) -> String {
    #"{"id": "\#(id)", "rollout_path": "C:\\Users\\jian\\.codex\\sessions\\2025\\01\\02\\\#(name)", "#
      + #""cwd": "C:\\Users\\jian\\Documents\\R", "sandbox_policy": "{\"type\": \"read-only\"}"}"#
  }

  /// A package as the transfer tool makes it on Windows, with its line ends.
  static func transferPackage(_ folder: FilePath, threads: String? = nil) throws {
    let rows = threads ?? row(first, firstName) + "\r\n" + row(second, secondName) + "\r\n"
    try folder.put("package_manifest.json", manifest)
    try folder.put("metadata/threads.jsonl", rows)
    try folder.put(
      "metadata/session_index.jsonl",
      #"{"id": "\#(first)", "thread_name": "old"}"# + "\n\n" + #"{"id": "\#(first)", "thread_name": "new"}"#)
    try folder.put(
      "metadata/thread_dynamic_tools.jsonl", #"{"thread_id": "\#(first)", "position": 0, "name": "t"}"#)
    try folder.put("sessions/\(firstName)", transcript, modified: modified)
    try folder.put("sessions/\(secondName)", transcript)
    try folder.put("skills/a-skill/SKILL.md", "skill")
    try folder.put("skeleton/required-directories.json", #"["C:\\Users\\jian\\Documents\\R"]"#)
    try folder.put("README.md", "readme")
  }

  /// Opens a folder.
  static func opened(_ path: FilePath, limits: PackageLimits) throws(PackageError) -> SessionPackage {
    try SessionPackage.open(path, staging: path, limits: limits)
  }

  /// Opens what lies at `path`, unpacking beside it.
  static func open(
    _ path: FilePath, limits: PackageLimits = .standard
  ) throws -> SessionPackage {
    let staging = try path.removingLastComponent().made("staging-\(UInt64.random(in: 0...UInt64.max))")
    return try SessionPackage.open(path, staging: staging, limits: limits)
  }

  /// Writes a package of two threads and a skill.
  static func write(_ path: FilePath, in scratch: FilePath) throws -> PackageSummary {
    let skill = try scratch.made("a skill-\(UInt64.random(in: 0...UInt64.max))")
    try skill.put("SKILL.md", "skill")
    try skill.put("über/läuft.txt", "text")
    try skill.put(".secret", "secret")
    try symlink(skill.appending("link"), to: "/etc/passwd")
    let staging = try scratch.made("packing-\(UInt64.random(in: 0...UInt64.max))")
    var writer = try PackageWriter(path, staging: staging)
    var rollouts: [RolloutWriter.Written] = []
    for name in [firstName, secondName] {
      var file = try writer.rollout(try #require(RolloutName(name)))
      try file.write(Array(transcript.utf8)[...])
      rollouts.append(try file.finish(modified: modified))
    }
    let known = PackagedLineage(
      lineageKeys: ["aa", "bb"], historyLength: 3, prefixDigest: "cc", format: .paginated,
      marker: ["closed": true])
    return try writer.written(
      PackageContent(
        cwdFilter: "/home/jian/R", title: "Two threads",
        threads: [
          [
            "id": .string(first),
            "rollout_path": .string("/home/jian/.codex/sessions/2025/01/02/\(firstName)"),
            "cwd": "/home/jian/R", "history_mode": "paginated",
          ],
          [
            "id": .string(second),
            "rollout_path": .string("/home/jian/.codex/sessions/2025/01/03/\(secondName)"),
            "cwd": "/home/jian/R", "sandbox_policy": "not JSON",
          ],
        ],
        indexRows: [["id": .string(first), "thread_name": "new"]],
        dynamicTools: [["thread_id": .string(first), "position": 0, "name": "t"]],
        lineage: PackageLineage(
          origin: "019a0000-0000-7000-8000-0000000000ff", machine: "a", sourceHome: "/home/jian",
          threads: [try id(first): known]),
        skills: [(name: "a-skill", folder: skill)], requiredDirectories: ["/home/jian/R"]),
      rollouts: rollouts)
  }
}

extension PackageWriter {
  /// Begins a package with a scratch folder beside it.
  init(_ path: FilePath, staging: FilePath) throws(PackageError) {
    try self.init(path, staging: staging) { place throws(FileError) in
      let id = ThreadID(random: (0..<16).map { _ in .random(in: 0...255) })
      return try ScratchFolder(in: place, id: id.text, isHidden: true)
    }
  }

  /// Finishes a package and puts it in its place.
  mutating func written(
    _ content: PackageContent, rollouts: [RolloutWriter.Written] = []
  ) throws(PackageError) -> PackageSummary {
    let summary = try finish(content, rollouts: rollouts)
    try place()
    return summary
  }
}
