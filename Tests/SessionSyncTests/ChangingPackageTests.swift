import DurableFiles
import Foundation
import Rollout
import SessionPackage
import SyncTestSupport
import Synchronization
import SystemPackage
import Testing

@testable import SessionSync

/// A package folder that changes or vanishes while it is taken in: at each step that the run tells of.
struct ChangingPackageTests {
  enum Change: String, CaseIterable {
    case otherWords, shorter, longer, fileGone, fileIsALink, packageGone, skillChanged

    func make(in package: FilePath) throws {
      guard let file = try Self.transcripts(package.appending("sessions")).first else { return }
      let bytes = try FileReading.bytes(of: file)
      switch self {
      case .otherWords:
        // As long as before: only the content tells.
        let text = String(decoding: bytes, as: UTF8.self)
        try DurableFile.replace(file, with: Array(text.replacing("common", with: "forged").utf8))
      case .shorter: try DurableFile.replace(file, with: Array(bytes.prefix(bytes.count / 2)))
      case .longer: try DurableFile.replace(file, with: bytes + bytes.suffix(400))
      case .fileGone: try DurableFile.remove(file)
      case .fileIsALink:
        try DurableFile.remove(file)
        try FileManager.default.createSymbolicLink(
          atPath: file.string, withDestinationPath: "/etc/hostname")
      case .packageGone: try Folder.removeTree(package)
      case .skillChanged: try package.put("skills/mine/SKILL.md", "forged")
      }
    }

    private static func transcripts(_ path: FilePath) throws -> [FilePath] {
      guard try FileStamp.of(path)?.kind == .folder else { return path.extension == "jsonl" ? [path] : [] }
      return try Folder.names(in: path).flatMap { try transcripts(path.appending($0)) }
    }
  }

  /// Takes in a new thread, a fast-forward, a branch and a skill; answers whether it was done, in how many steps, and how
  /// many lines each file has then.
  private func deliver(
    _ change: Change? = nil, at moment: Int = 0
  ) throws -> (isDone: Bool, steps: Int, lines: [String: Int]) {
    try Scene.play { scene in
      let away = try HomeBuilder(scene.root.appending("away"))
      try away.add(Sample.talk("common", "theirs"))
      try away.add(Sample.talk("common two", "more", thread: Sample.thread(2)))
      try away.add(Sample.talk("common three", "theirs", thread: Sample.thread(3)))
      try away.root.put("skills/mine/SKILL.md", "---\nname: mine\n---\n")
      var packing = Packup.Options(.all)
      packing.withSkills = true
      let package = scene.root.appending("package")
      _ = try Packup(home: try away.open(), options: packing, surroundings: try scene.surroundings)
        .write(to: package)
      try scene.home.add(Sample.talk("common two", thread: Sample.thread(2)))
      try scene.home.add(Sample.talk("common three", "own", thread: Sample.thread(3)))
      let before = try HomeSnapshot(scene.home)
      let steps = Mutex(0)
      let world = try scene.surroundings
      let surroundings = Surroundings(
        localHome: world.localHome, scratch: world.scratch, now: world.now, entropy: world.entropy
      ) { _ in
        let step = steps.withLock { step in
          step += 1
          return step
        }
        guard let change, step == moment else { return }
        do { try change.make(in: package) } catch { Issue.record(error) }
      }
      let staging = world.scratch.appending("package")
      try Folder.create(staging)
      var options = SyncOptions()
      options.importsMissingSkills = true
      let sync = Sync(
        home: try scene.home.open(), package: try SessionPackage.open(package, staging: staging),
        options: options, surroundings: surroundings)
      let isDone = (try? sync.execute())?.transaction != nil
      let after = try HomeSnapshot(scene.home)
      let said = Comment(rawValue: "\(change?.rawValue ?? "nothing") at \(moment)")
      if isDone {
        let texts = after.files.values.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(!texts.contains { $0.contains("forged") }, said)
        let skill = scene.home.root.pushing(FilePath("skills/mine/SKILL.md"))
        #expect(try skill.text().hasPrefix("---"), said)
      } else {
        #expect(after == before, said)
        #expect(try Folder.names(in: scene.home.root.pushing(FilePath("session-sync/journal"))) == [], said)
      }
      let lines = after.files.filter { $0.key.hasPrefix("sessions/") }
        .mapValues { $0.bytes.count { $0 == 0x0A } }
      return (isDone, steps.withLock(\.self), lines)
    }
  }

  @Test(arguments: Change.allCases)
  func aPackageThatChangesOnTheWayIsTakenAsItWasOrNotAtAll(_ change: Change) throws {
    let whole = try deliver()
    try #require(whole.isDone && whole.steps > 10)
    let outcomes = try (1...whole.steps).map { try deliver(change, at: $0) }
    #expect(outcomes.contains { $0.lines != whole.lines } && outcomes.last?.isDone == true)
    for outcome in outcomes where outcome.isDone {
      // A session that is no longer what the package's checksums say is left out; the others are whole.
      let others = outcome.lines.filter { whole.lines[$0.key] != $0.value }
      #expect(others.isEmpty && outcome.lines.count >= whole.lines.count - 1, "\(outcome.lines)")
    }
  }
}
