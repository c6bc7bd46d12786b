import CanonicalJSON
import CodexHome
import DurableFiles
import Lineage
import SessionPackage
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

import class Foundation.Process
import struct Foundation.URL

@testable import Rollout
@testable import SessionSync

/// Deliveries in a row over made-up transcripts: what is written by the sidecar's notes is byte for byte what is written
/// where everything is read.
struct WithoutSidecarTests {
  @Test(arguments: [1, 2] as [UInt64]) func theSidecarChangesNoByte(_ first: UInt64) throws {
    var quick = 0
    for seed in stride(from: first, to: first + 2 * Twins.rounds, by: 2) {
      try withTemporaryFolder { root in
        var twins = try Twins(root, seed: seed)
        try twins.play()
        quick += twins.quick
      }
    }
    #expect(quick > 0)
  }
}

/// A home that receives each package twice: as it is, and as a copy without its sidecar.
private struct Twins {
  static let rounds: UInt64 = 2

  private let root: FilePath
  private let home: HomeBuilder
  private let note: String
  private var dice: SeededGenerator
  private var talks: [Talk] = []
  private var commands = 0
  /// How many appends needed no reading of the whole.
  private(set) var quick = 0

  /// One conversation where it comes from.
  private struct Talk {
    var there: TranscriptBuilder
    var isArchived = false
    var openTurn: String?
  }

  init(_ root: FilePath, seed: UInt64) throws {
    self.root = root
    note = "seed \(seed)"
    dice = SeededGenerator(seed: seed)
    home = try HomeBuilder(root.appending("home"), hasCatalogue: seed % 5 != 0)
    try Folder.create(root.appending("bob"))
    for number in 1...UInt16(1 + dice.below(3)) { try begin(number) }
  }

  /// Puts a thread into the home, and remembers how it goes on elsewhere.
  private mutating func begin(_ number: UInt16) throws {
    let thread = Sample.thread(number)
    let format: SessionMeta.Format = dice.chance(3) ? .legacy : .paginated
    var talk = Sample.talk("one", thread: thread, format: format)
    var openTurn: String?
    if dice.chance(2) { talk.turn("two", tool: "ls") }
    switch dice.below(format == .paginated ? 6 : 4) {
    case 0: break  // Not here yet.
    case 4:
      // The user here rewound: a segment goes on from the middle of the first file.
      var segment = talk.continued(as: thread, segment: Sample.thread(100 + number))
      try home.add(talk.and("rewound"))
      talk.seconds = segment.seconds
      if dice.chance(2) {
        segment.turn("after")
        talk.turn("after")
      }
      let path = try home.add(segment)
      if try FileStamp.of(home.catalogue) != nil {
        try home.execute("UPDATE threads SET rollout_path = '\(path)' WHERE id = '\(thread)'")
      }
    case 5:
      // A fork whose base is a thread of its own.
      let base = Sample.talk("base", thread: Sample.thread(200 + number))
      try home.add(base)
      var fork = base.continued(as: thread)
      talk = TranscriptBuilder(
        thread, seconds: base.seconds,
        extra: [("forked_from_id", .string(base.thread.text))])
      talk.lines += base.lines.dropFirst()
      talk.nextOrdinal = base.nextOrdinal + 1
      talk.seconds = fork.seconds
      if dice.chance(2) {
        fork.hasBegun()
        talk.hasBegun()
        fork.turn("in the fork")
        talk.turn("in the fork")
      }
      talk.hasBegun()
      try home.add(fork)
    default:
      // In the middle of a turn nothing stands behind the last history record.
      if dice.below(3) > 0 {
        openTurn = talk.openTurn("under way")
        talk.message("assistant", "half an answer")
      }
      try home.add(talk, isCompressed: dice.chance(4))
    }
    talks.append(Talk(there: talk, openTurn: openTurn))
  }

  mutating func play() throws {
    for round in 0..<5 {
      for _ in 0..<dice.below(4) { try somebodyWrites() }
      let isLooking = round == 0 || dice.below(3) > 0
      if isLooking { try look(round) }
      if round > 0, dice.chance(3) { for _ in 0..<dice.below(3) { try somebodyWrites() } }
      for index in talks.indices where dice.below(4) > 0 {
        var talk = talks[index]
        goOn(&talk)
        talks[index] = talk
      }
      try deliver(round)
      if dice.chance(6) {
        try both { command in
          try Rollback(home: command.home, surroundings: command.surroundings).execute(.latest).transaction
        }
      }
    }
  }

  /// The conversation goes on elsewhere.
  private mutating func goOn(_ talk: inout Talk) {
    if let turn = talk.openTurn {
      talk.there.closeTurn(turn, "done")
      talk.openTurn = nil
      if dice.chance(2) { return }
    }
    switch dice.below(8) {
    case 0: talk.openTurn = talk.there.openTurn("open \(talk.there.seconds)")
    case 1: talk.there.settings()
    case 2:
      talk.there.lines.append([UInt8](repeating: 0, count: 20))
      talk.there.turn("behind zeros")
    case 3:
      talk.there.nextOrdinal -= 3
      talk.there.turn("regressed")
    case 4:
      talk.there.settings()
      talk.there.turn("three", tool: "pwd")
      talk.there.settings()
    case 5:
      talk.isArchived.toggle()
      talk.there.turn("archived or not")
    default:
      for number in 0...dice.below(2) { talk.there.turn("more \(number)") }
    }
  }

  /// Codex, a crash or a user changes a file of the home.
  private mutating func somebodyWrites() throws {
    let files = try home.open().rollouts().map(\.path)
    guard !files.isEmpty else { return }
    let path = files[dice.below(files.count)]
    if path.string.hasSuffix(".zst") { return }
    let name = try #require(path.rolloutName)
    var bytes = try FileReading.bytes(of: path)
    let isPaginated = String(decoding: bytes, as: UTF8.self).contains(#""history_mode":"paginated""#)
    let ordinal = 1 + Int64(bytes.split(separator: 0x0A).count) - Int64(dice.below(4))
    func line(_ type: String, _ payload: JSONValue) -> [UInt8] {
      var value: JSONValue = ["timestamp": .string(Sample.time(3000 + commands))]
      if isPaginated { value["ordinal"] = .integer(ordinal) }
      value["type"] = .string(type)
      value["payload"] = payload
      return value.bytes + [0x0A]
    }
    switch dice.below(9) {
    case 0, 1:
      bytes += line("event_msg", ["type": "thread_name_updated", "n": .integer(Int64(commands))])
    case 2: bytes += [UInt8](repeating: 0, count: 12) + [0x0A]
    case 3: bytes += Array(#"{"timestamp":"2026-11"#.utf8)
    case 4: if bytes.last == 0x0A { bytes.removeLast() }
    case 5:
      bytes += line("event_msg", ["type": "task_started", "turn_id": .string("mine-\(commands)")])
    case 6 where dice.chance(3):
      if bytes.last != 0x0A { bytes.append(0x0A) }
      bytes += line(
        "response_item",
        [
          "type": "message", "role": "user",
          "content": [["type": "input_text", "text": .string("mine \(commands)")]],
        ])
    case 7:
      let packed = FilePath(path.string + ".zst")
      try ZstdFile.write(bytes, to: packed)
      try DurableFile.remove(path)
      return
    case 8 where name.segment == nil:
      bytes += [0x0A]
    default: return
    }
    commands += 1
    try DurableFile.replace(path, with: bytes)
  }

  /// Another command of ours notes what is here.
  private mutating func look(_ round: Int) throws {
    let command = try command()
    if dice.chance(2) {
      // There may be nothing to pack.
      _ = try? Packup(home: command.home, options: .init(.all), surroundings: command.surroundings).write(
        to: root.appending("packed-\(round)"))
    } else {
      let unrelated = Sample.talk("else", thread: Sample.thread(UInt16(300 + round)))
      let package = try PackageBuilder(root.appending("else-\(round)"), [unrelated]).write()
      _ = try sync(package, command).execute()
    }
  }

  private struct Command {
    let home: CodexHome
    let surroundings: Surroundings
  }

  private func command() throws -> Command {
    let number = commands
    let scratch = root.appending("scratch")
    try Folder.removeTree(scratch)
    try Folder.create(scratch)
    return Command(
      home: try home.open(),
      surroundings: Surroundings(
        localHome: root.appending("bob").string, scratch: scratch,
        now: Timestamp(milliseconds: 1_795_200_000_000 + Int64(number) * 1000),
        entropy: { (0..<16).map { UInt8(truncatingIfNeeded: number &+ $0) } }, machine: "bobs-machine"))
  }

  private func sync(_ package: FilePath, _ command: Command) throws -> Sync {
    let staging = command.surroundings.scratch.appending("package")
    try Folder.create(staging)
    return Sync(
      home: command.home, package: try SessionPackage.open(package, staging: staging), options: SyncOptions(),
      surroundings: command.surroundings)
  }

  private mutating func deliver(_ round: Int) throws {
    var builder = try PackageBuilder(root.appending("package-\(round)"))
    for talk in talks { try builder.add(ThreadSample(talk.there, isArchived: talk.isArchived)) }
    let package = try builder.write()
    let looking = try command()
    let local = try LocalThreads(looking.home, looking.surroundings)
    for id in local.entries.keys.sorted() {
      // The rest of a thread says the same as the whole of it.
      guard let thread = try? local.load(id) else { continue }
      let found = try local.ending(of: thread)
      let whole = try RolloutEnding(of: local.transcript(thread.entry))
      #expect(found.end == whole.end && found.highestOrdinal == whole.highestOrdinal, "\(note): \(id)")
      #expect(found.bookkeeping == whole.bookkeeping && found.format == whole.format, "\(note): \(id)")
      #expect(found.stamp == whole.stamp && found.length == whole.length, "\(note): \(id)")
    }
    let planned = try sync(package, try command()).plan()
    for entry in planned.sessions where entry.action == .append {
      guard let id = entry.localThreadID, let thread = try local.load(id) else { continue }
      if local.memory.isFresh(thread.entry), thread.note.facts.lastHistory != nil { quick += 1 }
    }
    let twins = self
    try both { command in
      let result = try twins.sync(package, command).execute()
      return result.plan.sessions.map {
        "\($0.action) \($0.classification?.rawValue ?? "-") \($0.detail?.rawValue ?? "-") \($0.blockers.map(\.code))"
          + " \($0.history) \($0.size)"
      }.joined(separator: "\n")
    }
    let again = try sync(package, try command()).plan()
    #expect(again.isEmpty, "\(note), round \(round): \(again.actions) \(again.sessions.map(\.detail))")
  }

  /// Runs a command in a copy without a sidecar, then here; both leave the same behind.
  private mutating func both<Value: Equatable>(_ body: (Command) throws -> Value) throws {
    commands += 1
    let kept = root.appending("kept")
    try shell("mv", home.root.string, kept.string)
    try shell("cp", "-a", kept.string, home.root.string)
    try DurableFile.remove(home.root.pushing("session-sync/sidecar.sqlite"))
    let expected = Result { try body(command()) }
    let without = try HomeSnapshot(home)
    try Folder.removeTree(home.root)
    try shell("mv", kept.string, home.root.string)
    let found = Result { try body(command()) }
    let with = try HomeSnapshot(home)
    switch (expected, found) {
    case (.success(let left), .success(let right)): #expect(left == right, "\(note), command \(commands)")
    case (.failure(let left), .failure(let right)): #expect("\(left)" == "\(right)", "\(note)")
    default: Issue.record("\(note), command \(commands): \(expected) or \(found)")
    }
    if !with.hasSameContent(as: without) {
      var text = "\(note), command \(commands): other content\n"
      for name in Set(with.files.keys).union(without.files.keys).sorted()
      where with.files[name]?.bytes != without.files[name]?.bytes
        || with.files[name]?.modified != without.files[name]?.modified
      {
        text +=
          "\(name)\nWITH \(String(decoding: with.files[name]?.bytes.suffix(1500) ?? [], as: UTF8.self))\n"
        text += "WITHOUT \(String(decoding: without.files[name]?.bytes.suffix(1500) ?? [], as: UTF8.self))\n"
      }
      for (one, two) in zip(with.rows, without.rows) where one != two { text += "\(one)\n\(two)\n" }
      Issue.record(Comment(rawValue: text))
    }
  }

  private func shell(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
