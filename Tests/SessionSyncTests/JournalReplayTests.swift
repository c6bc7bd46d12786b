import CodexHome
import DurableFiles
import JSONTestSupport
import Journal
import Rollout
import Sidecar
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// A sidecar that is brought up to the journal: whatever it was before, the journal tells the same.
struct JournalReplayTests {
  private func content(_ sidecar: Sidecar) throws -> [String: [String]] {
    try sidecar.journalContent(without: [])
  }

  /// What a sidecar without any past comes to.
  private func anew(_ journal: Journal) throws -> [String: [String]] {
    let sidecar = try Sidecar.inMemory()
    try JournalReplay(journal).run(into: sidecar)
    return try content(sidecar)
  }

  private func talk(_ words: [String], _ thread: ThreadID) -> TranscriptBuilder {
    var talk = Sample.talk(thread: thread)
    for word in words { talk.turn(word) }
    return talk
  }

  private func backup(_ path: FilePath, to target: FilePath) throws -> FilePath {
    try target.removingLastComponent().put(
      target.lastComponent?.string ?? "", try FileReading.bytes(of: path))
  }

  @Test(arguments: 0..<6)
  func whateverASidecarKnewTheJournalTellsTheSame(_ seed: UInt64) throws {
    try Scene.play { scene in
      var random = SeededGenerator(seed: seed)
      let journal = Journal(
        root: scene.home.root.pushing("session-sync/journal"), home: scene.home.root)
      let path = scene.home.root.pushing("session-sync/sidecar.sqlite")
      var copies: [FilePath] = []
      var talks: [UInt16: [String]] = [:]
      for step in 0..<14 {
        switch random.below(5) {
        case 0: _ = try? scene.rollback()
        case 1 where try FileStamp.of(path) != nil:
          copies.append(try backup(path, to: scene.root.appending("sidecar-\(step)")))
        default:
          let number = UInt16(1 + random.below(3))
          talks[number, default: []].append("word \(step)")
          try scene.sync(
            try scene.package("package-\(step)", talk(talks[number] ?? [], Sample.thread(number))))
        }
      }
      copies.append(try backup(path, to: scene.root.appending("sidecar-now")))
      // The journal loses its end, as an older backup does, one transaction from its middle, and its list.
      for _ in 0..<4 {
        let expected = try anew(journal)
        let unopened = try journal.transactions().filter { $0.status == .prepared }
        #expect(unopened.isEmpty)
        for (index, copy) in copies.enumerated() {
          let again = try backup(copy, to: scene.root.appending("again-\(index)"))
          let sidecar = try Sidecar(writing: again)
          let replay = try JournalReplay(journal)
          try replay.run(into: sidecar)
          #expect(try content(sidecar) == expected, "seed \(seed), copy \(index)")
          #expect(try replay.isDone(in: sidecar))
          try replay.run(into: sidecar)
          #expect(try content(sidecar) == expected, "seed \(seed), copy \(index), again")
        }
        let ids = try journal.ids()
        guard ids.count > 1 else { break }
        let lost = random.chance(2) ? ids[ids.count - 1] : ids[random.below(ids.count)]
        try Folder.removeTree(journal.folder(of: lost))
        if random.chance(2) { try DurableFile.remove(journal.root.appending("settled")) }
      }
    }
  }

  @Test func healthIsTheSameWithAndWithoutTheListOfSettledTransactions() throws {
    try Scene.play { scene in
      var words: [String] = []
      for step in 0..<5 {
        words.append("word \(step)")
        try scene.sync(try scene.package("package-\(step)", talk(words, Sample.thread(1))))
      }
      try scene.rollback()
      func report() throws -> HealthReport {
        try SidecarHealth(home: try scene.home.open(), surroundings: try scene.surroundings).report()
      }
      #expect(try report().isSound)
      try DurableFile.remove(scene.home.root.pushing("session-sync/journal/settled"))
      #expect(try report().isSound)
      try scene.home.root.put("session-sync/journal/settled", "garbage\u{0}\n\n")
      #expect(try report().isSound)
    }
  }
}
