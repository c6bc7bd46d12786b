import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage

/// What the transfer tool does: packs the file that a row names, and installs over whatever is there.
enum TransferForm {
  private static let columns = [
    "id", "rollout_path", "created_at", "updated_at", "source", "model_provider", "cwd", "title",
    "sandbox_policy",
    "approval_mode", "tokens_used", "has_user_event", "archived", "archived_at", "cli_version",
    "first_user_message", "memory_mode", "model",
  ]

  /// Packs threads of a machine.
  static func pack(_ threads: [HomeView.Thread], of machine: Machine, to path: FilePath) throws {
    let all = try machine.catalogue.query("SELECT * FROM threads ORDER BY id")
    let rows = all.filter { row in threads.contains { $0.id.text == row["id"]?.string } }
    for thread in threads {
      try path.put("sessions/\(thread.current.name.text)", thread.current.bytes)
    }
    try write(rows, to: path, "metadata/threads.jsonl")
    try write(
      rows.map {
        ["id": $0["id"] ?? "", "thread_name": $0["title"] ?? "", "updated_at": "2026-11-20T10:00:00Z"]
      },
      to: path, "metadata/session_index.jsonl")
    try write([], to: path, "metadata/thread_dynamic_tools.jsonl")
    let manifest: JSONValue = [
      "format_version": 1, "package_kind": "session-skill-package", "minimum_working_set_only": true,
      "cwd_filter": .string(machine.cwd), "thread_ids": .array(rows.compactMap { $0["id"] }),
      "skills_included": [],
      "deferred_components": ["logs_1.sqlite"], "preferred_installer_skill": "codex-session-transfer",
    ]
    try path.put("package_manifest.json", JSONSpelling.python.bytes(manifest))
  }

  /// Installs a package, whoever packed it.
  ///
  /// - Parameters:
  ///   - cwd: where its threads are to work; nil keeps what they say.
  ///   - journal: the id under which it journals what it does; nil where its journal was removed since.
  static func install(
    _ path: FilePath, on machine: Machine, cwd: String?, journal: ThreadID? = nil
  ) throws {
    var operations: [JSONValue] = []
    for line in try path.appending("metadata").appending("threads.jsonl").lines() {
      let row = try JSONValue(parsing: line)
      let packed = row["rollout_path"]?.string ?? ""
      guard let name = FilePath(packed).lastComponent?.string else { continue }
      let place = packed.firstRange(of: "/sessions/").map { String(packed[$0.upperBound...]) }
      let target = machine.home.appending("sessions").pushing(FilePath(place ?? "imported/\(name)"))
      operations.append([
        "op": try FileStamp.of(target) == nil ? "remove_created_file" : "restore_file",
        "target": .string(target.string),
      ])
      let cwd = cwd ?? row["cwd"]?.string ?? machine.cwd
      let lines = try TransferTool.install(try path.appending("sessions").appending(name).lines(), cwd: cwd)
      try Folder.create(target.removingLastComponent())
      try machine.write(Array(lines.map { $0 + [0x0A] }.joined()), over: target)
      let values = columns.map { column -> JSONValue in
        switch column {
        case "rollout_path": .string(target.string)
        case "cwd": .string(cwd)
        default: row[column] ?? .null
        }
      }
      let marks = columns.map { _ in "?" }.joined(separator: ", ")
      try machine.catalogue.execute(
        "INSERT OR REPLACE INTO threads (\(columns.joined(separator: ", "))) VALUES (\(marks))", values)
    }
    guard let journal else { return }
    let folder = machine.home.appending("transfer-journal").appending(journal.text)
    let manifest: JSONValue = ["transaction_id": .string(journal.text), "status": "completed"]
    try folder.put("manifest.json", JSONSpelling.python.bytes(manifest))
    try write(operations, to: folder, "operations.jsonl")
  }

  private static func write(_ rows: [JSONValue], to path: FilePath, _ name: String) throws {
    try path.put(name, rows.map { JSONSpelling.python.text($0) + "\n" }.joined())
  }
}
