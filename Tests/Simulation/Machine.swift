import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage

/// A machine with one user, who works with Codex and nothing else; each method does to the files and the catalogue
/// what Codex 0.163.0 does, and knows nothing of the program under test.
struct Machine: Sendable {
  /// What the user calls it.
  let name: String
  /// The user's home folder.
  let root: FilePath
  /// The Codex home.
  var home: FilePath { root.appending(".codex") }
  /// The folder that the user works in.
  var cwd: String { root.appending("project").string }
  /// Codex's databases.
  let catalogue: HomeBuilder

  /// Sets a machine up, as Codex leaves a new home behind.
  init(_ name: String, in world: FilePath) throws {
    self.name = name
    root = world.appending(name)
    let config = """
      approval_policy = "on-request"
      sandbox_mode = "read-only"

      [model_providers.custom]
      name = "custom"

      """
    catalogue = try HomeBuilder(root.appending(".codex"), config: config)
  }

  /// Starts a conversation.
  func begin(_ format: SessionMeta.Format, turns: Int, _ truth: inout Truth) throws -> ThreadID {
    let id = truth.newID()
    var draft = Draft(id, format, cwd: cwd)
    draft.meta([], &truth)
    draft.turns(turns, &truth)
    try create(draft, source: "vscode")
    return id
  }

  /// What the user's next lines would follow.
  func draft(behind thread: HomeView.Thread) -> Draft {
    var draft = Draft(thread.id, thread.current.format, cwd: cwd)
    draft.ordinal = thread.current.nextOrdinal
    draft.last = thread.head?.last
    draft.turn = thread.current.openTurn
    return draft
  }

  /// Appends lines to a thread.
  func append(_ draft: Draft, to thread: HomeView.Thread) throws {
    let lines = try root.put("lines", draft.text)
    try DurableFile.append(contentsOf: lines, to: thread.current.path, at: Int64(thread.current.bytes.count))
    try touch(thread.id, draft.time)
  }

  /// Forks a thread: by reference where it is paginated, as a copy where it is legacy.
  ///
  /// - Parameter line: how many lines of the thread's current rollout the fork begins with.
  func fork(_ thread: HomeView.Thread, lines line: Int, turns: Int, _ truth: inout Truth) throws -> ThreadID {
    let id = truth.newID()
    let source = thread.current
    let cut = source.lines[line - 1]
    var draft = Draft(id, source.format, cwd: cwd)
    var members: [(String, JSONValue)] = [("forked_from_id", .string(thread.id.text))]
    if source.format == .paginated {
      draft.ordinal = (cut.ordinal ?? 0) + 1
      members.append(("forked_from_ordinal_exclusive", .integer(draft.ordinal)))
      members.append(("history_base", Self.base(source, cut)))
    }
    draft.meta(members, &truth)
    if source.format == .legacy {
      draft.text += String(decoding: source.bytes[..<cut.end], as: UTF8.self)
    } else {
      draft.settings(&truth)
    }
    draft.last = Self.last(source, upTo: cut, thread)
    draft.turns(turns, &truth)
    try create(draft, source: "vscode")
    return id
  }

  /// Lets a thread spawn a sub-agent, with or without a copy of what was said so far.
  func spawn(from thread: HomeView.Thread, copying: Bool, turns: Int, _ truth: inout Truth) throws -> ThreadID
  {
    let id = truth.newID()
    let source = thread.current
    var draft = Draft(id, source.format, cwd: cwd)
    let spawn: JSONValue = [
      "subagent": ["thread_spawn": ["parent_thread_id": .string(thread.id.text), "depth": 1]]
    ]
    draft.meta(
      [
        ("session_id", .string(thread.id.text)), ("parent_thread_id", .string(thread.id.text)),
        ("source", spawn),
      ],
      &truth)
    if copying, source.base == nil {
      for line in source.lines {
        draft.text += String(decoding: source.bytes[line.start..<line.end], as: UTF8.self)
      }
      draft.last = thread.head?.last
      if source.format == .paginated { draft = try draft.renumbered() }
    }
    draft.turns(turns, &truth)
    try create(draft, source: String(decoding: spawn.bytes, as: UTF8.self))
    return id
  }

  /// Takes a paginated thread back: a new segment, the old file untouched.
  ///
  /// - Parameters:
  ///   - line: how many lines stay; nil takes everything back.
  ///   - rollout: the rollout that these are lines of, if not the current one: one that it goes on from.
  func rewind(
    _ thread: HomeView.Thread, lines line: Int?, of rollout: RolloutView? = nil, _ truth: inout Truth
  ) throws {
    let source = rollout ?? thread.current
    var draft = Draft(thread.id, .paginated, cwd: cwd)
    // Codex writes its own keys only: ours is gone.
    var members = ["forked_from_id", "source", "session_id", "parent_thread_id"].compactMap { key in
      thread.current.meta[key].map { (key, $0) }
    }
    if let line {
      let cut = source.lines[line - 1]
      draft.ordinal = (cut.ordinal ?? 0) + 1
      members.append(("history_base", Self.base(source, cut)))
    }
    let segment = truth.newID()
    draft.meta(members, &truth)
    draft.settings(&truth)
    guard let time = RolloutName(Self.fileName(draft.time, thread.id))?.time,
      let name = RolloutName(time: time, thread: thread.id, segment: segment)
    else { return }
    let folder = thread.isArchived ? home.appending("archived_sessions") : day(name)
    try folder.put(name.text, draft.text)
    try update(thread.id, ["rollout_path": .string(folder.appending(name.text).string)])
  }

  /// Moves a thread into the archive, or out of it: all its rollouts.
  func archive(_ thread: HomeView.Thread) throws {
    for rollout in thread.rollouts {
      let folder = thread.isArchived ? day(rollout.name) : home.appending("archived_sessions")
      // The transfer tool may have put a second file of the thread elsewhere.
      if try FileStamp.of(folder.appending(rollout.name.text)) != nil { continue }
      try Folder.create(folder)
      try DurableFile.move(rollout.path, to: folder.appending(rollout.name.text))
      if rollout.path == thread.current.path {
        try update(
          thread.id,
          [
            "rollout_path": .string(folder.appending(rollout.name.text).string),
            "archived": thread.isArchived ? 0 : 1,
          ])
      }
    }
  }

  /// Deletes a thread: its rollouts, its row, its name.
  func delete(_ thread: HomeView.Thread) throws {
    for rollout in thread.rollouts { try DurableFile.remove(rollout.path) }
    try catalogue.execute("DELETE FROM threads WHERE id = ?", [.string(thread.id.text)])
    let index = home.appending("session_index.jsonl")
    guard try FileStamp.of(index) != nil else { return }
    let kept = try index.lines().filter { try JSONValue(parsing: $0)["id"]?.string != thread.id.text }
    try write(Array(kept.map { $0 + [0x0A] }.joined()), over: index)
  }

  /// Loses a thread's rollouts, by no act of Codex: its row stays.
  func lose(_ thread: HomeView.Thread) throws {
    for rollout in thread.rollouts { try DurableFile.remove(rollout.path) }
  }

  /// Gives a thread another name.
  func rename(_ thread: HomeView.Thread, to name: String) throws {
    try update(thread.id, [thread.current.format == .paginated ? "name" : "title": .string(name)])
    let line: JSONValue = ["id": .string(thread.id.text), "thread_name": .string(name)]
    try DurableFile.appendLine(line.bytes, to: home.appending("session_index.jsonl"))
  }

  /// Rewrites a legacy thread as a paginated one, as `codex migrate-rollouts` does.
  func migrate(_ thread: HomeView.Thread) throws {
    let ours = ["codex_session_sync"]
    var text = ""
    for (ordinal, line) in thread.current.lines.enumerated() {
      let old = try JSONValue(parsing: Array(thread.current.bytes[line.start..<(line.end - 1)]))
      var payload = old["payload"] ?? .null
      if line.type == "session_meta" {
        payload = .object((payload.members ?? []).filter { !ours.contains($0.key) })
        payload["session_id"] = payload["session_id"] ?? payload["id"]
        payload["history_mode"] = "paginated"
      } else if line.type == "compacted" {
        payload["window_number"] = .null
      } else if line.event == "user_message" {
        payload = [
          "type": "item_completed", "thread_id": .string(thread.id.text),
          "item": ["type": "UserMessage", "content": [["type": "text", "text": payload["message"] ?? ""]]],
        ]
      }
      let new: JSONValue = [
        "timestamp": old["timestamp"] ?? .null, "ordinal": .integer(Int64(ordinal)),
        "type": .string(line.type),
        "payload": payload,
      ]
      text += String(decoding: new.bytes, as: UTF8.self) + "\n"
    }
    try write(Array(text.utf8), over: thread.current.path)
    try update(thread.id, ["history_mode": "paginated"])
  }

  /// Gives a thread another provider, as people do whose provider was renamed: in the row and in each rollout.
  func retag(_ thread: HomeView.Thread) throws {
    for rollout in thread.rollouts {
      let names = [#""model_provider":"openai""#, #""model_provider":"custom""#]
      var text = String(decoding: rollout.bytes, as: UTF8.self)
      let old = text.contains(names[0]) ? 0 : 1
      guard let range = text.firstRange(of: names[old]) else { continue }
      // Both names are of one length: offsets into the file stay what they were.
      text.replaceSubrange(range, with: names[1 - old])
      try write(Array(text.utf8), over: rollout.path)
    }
    try update(thread.id, ["model_provider": "custom"])
  }

  // MARK: - Files and rows

  func write(_ bytes: [UInt8], over path: FilePath) throws {
    let temporary = path.removingLastComponent().appending(".simulation")
    var writer = try FileWriter(creating: temporary)
    try writer.write(bytes)
    try writer.finish()
    try DurableFile.remove(path)
    try DurableFile.move(temporary, to: path)
  }

  func day(_ name: RolloutName) -> FilePath {
    name.dayFolders.reduce(home.appending("sessions")) { $0.appending($1) }
  }

  private func create(_ draft: Draft, source: String) throws {
    guard let name = RolloutName(Self.fileName(draft.time, draft.thread)) else { return }
    let path = try day(name).put(name.text, draft.text)
    let seconds = draft.time.milliseconds / 1000
    try catalogue.insert([
      "id": .string(draft.thread.text), "rollout_path": .string(path.string), "created_at": .integer(seconds),
      "updated_at": .integer(seconds), "source": .string(source), "model_provider": "openai",
      "cwd": .string(cwd),
      "title": "a thread", "sandbox_policy": #"{"type":"read-only"}"#, "approval_mode": "on-request",
      "preview": "a thread", "first_user_message": "a thread", "history_mode": .string(draft.format.rawValue),
    ])
  }

  private func touch(_ thread: ThreadID, _ time: Timestamp) throws {
    try update(
      thread,
      ["updated_at": .integer(time.milliseconds / 1000), "updated_at_ms": .integer(time.milliseconds)])
  }

  private func update(_ thread: ThreadID, _ columns: [(String, JSONValue)]) throws {
    let changes = columns.map { "\($0.0) = ?" }.joined(separator: ", ")
    try catalogue.execute(
      "UPDATE threads SET \(changes) WHERE id = ?", columns.map(\.1) + [.string(thread.text)])
  }

  private func update(_ thread: ThreadID, _ columns: KeyValuePairs<String, JSONValue>) throws {
    try update(thread, columns.map { ($0.key, $0.value) })
  }

  private static func fileName(_ time: Timestamp, _ thread: ThreadID) -> String {
    RolloutName(at: time, thread: thread).text
  }

  private static func base(_ source: RolloutView, _ cut: RolloutView.Line) -> JSONValue {
    [
      "thread_id": .string(source.name.rolloutID.text),
      "end_ordinal_exclusive": .integer((cut.ordinal ?? 0) + 1),
      "end_byte_offset": .integer(Int64(cut.end)),
    ]
  }

  private static func last(_ source: RolloutView, upTo cut: RolloutView.Line, _ thread: HomeView.Thread)
    -> Int?
  {
    let behind = source.lines.filter { $0.end > cut.end }.compactMap(\.token).count
    return thread.head?.dropLast(behind).last
  }
}

extension Draft {
  /// The same lines, numbered one after another.
  fileprivate func renumbered() throws -> Draft {
    var new = self
    new.text = ""
    new.ordinal = 0
    for line in text.split(separator: "\n") {
      var value = try JSONValue(parsing: Array(line.utf8))
      value["ordinal"] = .integer(new.ordinal)
      new.ordinal += 1
      new.text += String(decoding: value.bytes, as: UTF8.self) + "\n"
    }
    return new
  }
}
