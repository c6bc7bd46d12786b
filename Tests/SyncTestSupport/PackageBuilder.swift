import CanonicalJSON
import DurableFiles
import Rollout
import SystemPackage

/// Makes packages as the transfer tool packs them: a folder, lines as Codex wrote them, none of our additive files.
public struct PackageBuilder {
  /// The package.
  public let path: FilePath
  /// The rows of `metadata/threads.jsonl`, to be changed at will before `write`.
  public var rows: [JSONValue] = []
  /// The rows of `metadata/session_index.jsonl`.
  public var index: [JSONValue] = []
  /// The rows of `metadata/thread_dynamic_tools.jsonl`.
  public var tools: [JSONValue] = []
  /// The manifest; the ids are filled in by `write`.
  public var manifest: JSONValue = [
    "format_version": 1, "package_kind": "session-skill-package", "minimum_working_set_only": true,
    "cwd_filter": "/home/alice/project",
  ]
  /// The home folder that `rollout_path` names.
  public var sourceHome = "/home/alice"

  /// Begins a package.
  public init(_ path: FilePath, _ samples: ThreadSample...) throws {
    self.path = path
    for sample in samples { try add(sample) }
  }

  /// Begins a package of conversations.
  public init(_ path: FilePath, _ transcripts: [TranscriptBuilder]) throws {
    self.path = path
    for transcript in transcripts { try add(ThreadSample(transcript)) }
  }

  /// Adds a thread.
  ///
  /// - Parameter hasRow: whether the catalogue's row travels along, as it does from the tool.
  public mutating func add(_ sample: ThreadSample, hasRow: Bool = true) throws {
    let name = try sample.transcript.name
    try path.put(
      "sessions/\(name.text)", sample.transcript.bytes,
      modified: FileTime(seconds: sample.updated, nanoseconds: 0))
    guard hasRow else { return }
    let folder = "\(sourceHome)/.codex/sessions/\(name.dayFolders.joined(separator: "/"))"
    let row = sample.row(path: "\(folder)/\(name.text)")
    rows.append(row)
    index.append([
      "id": .string(sample.transcript.thread.text), "thread_name": row["title"] ?? "",
      "updated_at": .string(Sample.time(sample.transcript.seconds - 1)),
    ])
  }

  /// Writes what is not written yet; answers the package's path.
  @discardableResult
  public func write() throws -> FilePath {
    var manifest = manifest
    manifest["thread_ids"] = .array(rows.compactMap { $0["id"] })
    manifest["skills_included"] = []
    manifest["deferred_components"] = ["logs_1.sqlite"]
    manifest["preferred_installer_skill"] = "codex-session-transfer"
    try path.put("package_manifest.json", JSONSpelling.python.bytes(manifest))
    try path.put("metadata/threads.jsonl", Self.lines(rows))
    try path.put("metadata/session_index.jsonl", Self.lines(index))
    try path.put("metadata/thread_dynamic_tools.jsonl", Self.lines(tools))
    let folders = JSONValue.array(Set(rows.compactMap { $0["cwd"]?.string }).sorted().map(JSONValue.string))
    try path.put(
      "metadata/path_localization.json", JSONSpelling.python.bytes(["rule": "…", "examples": folders]))
    try path.put("skeleton/required-directories.json", JSONSpelling.python.bytes(folders))
    try path.put("README.md", "# Session Skill Package\n")
    try path.put("INSTALL_REMOTE.md", "# Install This Package on Your Machine\n")
    return path
  }

  private static func lines(_ rows: [JSONValue]) -> String {
    rows.map { JSONSpelling.python.text($0) + "\n" }.joined()
  }
}
