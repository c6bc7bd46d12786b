import CanonicalJSON
import DurableFiles
import Rollout
import SyncTestSupport
import SystemPackage

/// What is played: each thing that a delivery can do, all of them at once, and their undoing.
extension Scenario {
  static let all: [Scenario] =
    deliveries + deliveries.map(\.undone) + [mixed.redone, keepingWork, cascade, adoption, adoption.undone]
    + [30, 60].map(mixed.recovered) + [60, 90].map(mixed.undone.recovered)

  /// Those that are also played with a crash in the recovery from a crash.
  static let nested = [mixed, mixed.undone]

  private static let deliveries = [
    new, newOldJournalMode, forward, forwardCompressed, forwardArchived, completesTurn, branch, collision,
    restored, meeting,
    mixed, mixedWithoutCatalogue,
  ]

  private static let new = sync("new thread, the first delivery", isFirst: true) {
    try $0.add(named(Sample.talk("new", thread: Sample.thread(1))))
  }

  private static let newOldJournalMode = sync("new thread, catalogue without WAL", journalMode: "delete") {
    try $0.add(named(Sample.talk("new", thread: Sample.thread(1))))
  }

  private static let forward = sync(
    "append", home: { try $0.addDerived(Sample.talk("b", thread: Sample.thread(2))) },
    package: { try $0.add(named(Sample.talk("b", "more", thread: Sample.thread(2)))) })

  private static let forwardCompressed = sync(
    "append to a compressed file",
    home: { try $0.add(Sample.talk("c", thread: Sample.thread(3)), isCompressed: true) },
    package: { try $0.add(named(Sample.talk("c", "more", thread: Sample.thread(3)))) })

  private static let forwardArchived = sync(
    "append and move to the archive", home: { try $0.add(Sample.talk("d", thread: Sample.thread(4))) },
    package: {
      try $0.add(ThreadSample(Sample.talk("d", "more", thread: Sample.thread(4)), isArchived: true))
    })

  private static let completesTurn = sync(
    "append that completes a turn", home: { try $0.add(openTurn.open) },
    package: { try $0.add(ThreadSample(openTurn.closed)) })

  private static let branch = sync(
    "branch", home: { try $0.add(Sample.talk("f", "mine", thread: Sample.thread(6))) },
    package: { try $0.add(named(Sample.talk("f", "theirs", thread: Sample.thread(6)))) })

  private static let collision = sync(
    "collision, imported", ["--on-collision", "import"],
    home: { try $0.add(Sample.talk("g", thread: Sample.thread(7))) },
    package: { try $0.add(named(stranger)) })

  private static let restored = sync(
    "lost file, brought back",
    home: { home in try DurableFile.remove(try home.add(Sample.talk("h", thread: Sample.thread(8)))) },
    package: { try $0.add(named(Sample.talk("h", thread: Sample.thread(8)))) })

  private static let mixed = everything("everything at once", hasCatalogue: true)
  private static let mixedWithoutCatalogue = everything("everything, no catalogue", hasCatalogue: false)

  /// A thread that was delivered, and that its user continued.
  private static let keepingWork = forward.undoing(
    of: forward, name: "rollback that keeps local work", ["--keep-local-work"]
  ) { stage in
    let folder = stage.home.appending("sessions/2026/11/20")
    for name in try Folder.names(in: folder) where name.contains(Sample.thread(2).text) {
      let path = folder.appending(name)
      var work = TranscriptBuilder(Sample.thread(2), firstOrdinal: 100, seconds: 900)
      work.lines = []
      work.hasBegun()
      work.turn("my own work")
      try DurableFile.replace(path, with: try FileReading.bytes(of: path) + work.bytes)
    }
  }

  /// A delivery that another one was built upon.
  private static let cascade = forwardArchived.undoing(
    of: forwardArchived, name: "rollback of two at once", ["--cascade"], age: 1
  ) { stage in
    let later = stage.folder.appending("later")
    try PackageBuilder(later, [Sample.talk("d", "more", "still more", thread: Sample.thread(4))]).write()
    try expectDone(try stage.run(["sync", later.string, "--execute"]), "a later delivery")
  }

  /// A thread that the transfer tool installed, and one of the same package that is new.
  private static let meeting = sync(
    "thread of the transfer tool, adopted",
    home: { try $0.install(Sample.talk("i", thread: Sample.thread(9))) },
    package: {
      try $0.add(named(Sample.talk("i", thread: Sample.thread(9))))
      try $0.add(named(Sample.talk("new", thread: Sample.thread(1))))
    })

  /// A thread that the transfer tool installed.
  private static let adoption = Scenario(name: "adopt") { stage in
    let home = try HomeBuilder(stage.home)
    for database in ["state_5.sqlite", "thread_history_1.sqlite"] {
      try home.setJournalMode("wal", of: database)
    }
    try home.install(Sample.talk("i", thread: Sample.thread(9)))
  } command: { _ in
    ["adopt", "--execute"]
  }

  private static func everything(_ name: String, hasCatalogue: Bool) -> Scenario {
    sync(
      name, ["--on-collision", "import", "--skills", "missing", "--create-directories"],
      hasCatalogue: hasCatalogue
    ) { home in
      try home.root.put("skills/mine/SKILL.md", "mine")
      try home.addDerived(Sample.talk("b", thread: Sample.thread(2)))
      try home.add(Sample.talk("c", thread: Sample.thread(3)), isCompressed: true)
      try home.add(Sample.talk("d", thread: Sample.thread(4)), isCompressed: true)
      try home.add(openTurn.open)
      try home.add(Sample.talk("f", "mine", thread: Sample.thread(6)))
      try home.add(Sample.talk("g", thread: Sample.thread(7)))
      try DurableFile.remove(try home.add(Sample.talk("h", thread: Sample.thread(8))))
      try home.root.put("session_index.jsonl", #"{"id":"x","thread_name":"y","updated_at":"z"}"# + "\n")
    } package: { package in
      package.sourceHome = "/home/alice"
      try package.add(named(Sample.talk("new", thread: Sample.thread(1), cwd: "/home/alice/shop")))
      try package.add(named(Sample.talk("b", "more", thread: Sample.thread(2))))
      try package.add(named(Sample.talk("c", "more", thread: Sample.thread(3))))
      try package.add(
        ThreadSample(Sample.talk("d", "more", thread: Sample.thread(4)), isArchived: true))
      try package.add(ThreadSample(openTurn.closed))
      try package.add(named(Sample.talk("f", "theirs", thread: Sample.thread(6))))
      try package.add(named(stranger))
      try package.add(named(Sample.talk("h", thread: Sample.thread(8))))
      try package.path.put("skills/mine/SKILL.md", "theirs")
      try package.path.put("skills/new/SKILL.md", "new")
      try package.path.put("skills/new/a/b.txt", "deep")
    }
  }

  /// A thread with a name of its own, which goes into `session_index.jsonl` too.
  private static func named(_ talk: TranscriptBuilder) -> ThreadSample {
    ThreadSample(talk, columns: [("name", .string("Name of \(talk.thread.text.suffix(2))"))])
  }

  /// An unrelated conversation with an id that is taken.
  private static var stranger: TranscriptBuilder {
    var talk = TranscriptBuilder(Sample.thread(7), seconds: 5000)
    talk.turn("quite another")
    return talk
  }

  private static var openTurn: (open: TranscriptBuilder, closed: TranscriptBuilder) {
    var open = Sample.talk("e", thread: Sample.thread(5))
    let turn = open.openTurn("two")
    open.message("assistant", "Echo: two")
    var closed = open
    closed.event("task_complete", [("turn_id", .string(turn))])
    return (open, closed)
  }
}

extension HomeBuilder {
  /// Adds a thread from which Codex derived something.
  fileprivate func addDerived(_ talk: TranscriptBuilder) throws {
    try add(talk)
    if try FileStamp.of(root.appending("thread_history_1.sqlite")) != nil { try derive(talk.thread) }
  }
}
