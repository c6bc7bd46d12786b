import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SyncTestSupport
import SystemPackage
import Testing

@testable import SessionSync

/// Each row of "Bad input": a clear error or a blocker of its session, the others go on, nothing is lost.
struct BadPackageTests {
  private let bad = Sample.thread(1)
  private let good = Sample.thread(2)

  /// Syncs a package of a bad and a good session; answers what became of the bad one.
  private func outcome(
    _ scene: Scene, _ spoil: (inout PackageBuilder, FilePath) throws -> Void
  ) throws -> SessionPlan? {
    var package = try PackageBuilder(
      scene.root.appending("p"), [Sample.talk("one", "two"), Sample.talk("good", thread: good)])
    let file = package.path.appending("sessions").appending(try Sample.talk("one").name.text)
    try spoil(&package, file)
    let result = try scene.sync(try package.write())
    #expect(result.plan.entry(good)?.action == .import && result.transaction != nil)
    #expect(try scene.home.row(good) != nil)
    #expect(try scene.file(good) != nil)
    return result.plan.entry(bad)
  }

  private func expectBlocked(
    _ detail: String, path: String? = nil, at: RolloutDefect.Place? = nil,
    _ spoil: (inout PackageBuilder, FilePath) throws -> Void
  ) throws {
    for hasLocal in [false, true] {
      try Scene.play { scene in
        if hasLocal { try scene.home.add(Sample.talk("one")) }
        let rows = try HomeSnapshot(scene.home).rows
        let session = try #require(try outcome(scene, spoil))
        #expect(session.action == .blocked && session.classification == nil)
        let name = try Sample.talk("one").name.text
        let place = path ?? "\(scene.root)/p/sessions/\(name)"
        #expect(session.blockers == [Blocker(.damaged, path: place, detail: detail, place: at)])
        #expect(try rows.allSatisfy(HomeSnapshot(scene.home).rows.contains))
        if hasLocal { #expect(try scene.records(bad).count == Sample.talk("one").lines.count) }
      }
    }
  }

  private func refusal(_ manifest: String?) throws -> PackageError? {
    var found: PackageError?
    try Scene.play { scene in
      let package = try scene.package("p", Sample.talk("one"))
      try DurableFile.remove(package.appending("package_manifest.json"))
      if let manifest { try package.put("package_manifest.json", manifest) }
      do { _ = try scene.sync(package) } catch let error as PackageError { found = error }
      #expect(try Folder.names(in: scene.home.root.appending("sessions")).isEmpty)
    }
    return found
  }

  @Test func aMissingManifestRefusesThePackage() throws { #expect(try refusal(nil) == .missingManifest) }

  @Test func aMalformedManifestRefusesThePackage() throws {
    for text in ["{", "", "\u{FEFF}nonsense"] {
      guard case .malformedManifest = try refusal(text) else {
        Issue.record("\(text) was not refused")
        continue
      }
    }
    #expect(try refusal("[]") == .manifestNotAnObject)
  }

  @Test func aPackageOfAnotherKindIsRefused() throws {
    #expect(try refusal(#"{"format_version":1,"package_kind":"other"}"#) == .wrongKind(found: "other"))
    #expect(try refusal(#"{"format_version":1}"#) == .wrongKind(found: nil))
  }

  @Test func aNewerFormatIsRefused() throws {
    let text = #"{"format_version":2,"package_kind":"session-skill-package"}"#
    #expect(try refusal(text) == .unsupportedVersion(found: 2))
  }

  @Test func aRowWithoutItsRolloutIsBlocked() throws {
    let name = try Sample.talk("one").name.text
    try expectBlocked("missing_rollout", path: name) { _, file in try DurableFile.remove(file) }
  }

  @Test func aRolloutWithoutARowIsImportedAndSaidSo() throws {
    try Scene.play { scene in
      let session = try outcome(scene) { package, _ in
        package.rows.removeFirst()
        package.index.removeFirst()
      }
      #expect(session?.action == .import && session?.classification == .newLineage)
      #expect(session?.warnings.contains(.init(.missingRow)) == true)
      let row = try #require(try scene.home.row(bad))
      let sample = ThreadSample(Sample.talk("one", "two"))
      let expected: [(String, JSONValue)] = [
        ("title", "one"), ("preview", "one"), ("first_user_message", "one"), ("cwd", .string(scene.project)),
        ("created_at_ms", 1_795_168_800_000), ("updated_at_ms", .integer(sample.updated * 1000)),
        ("updated_at", .integer(sample.updated)), ("recency_at", .integer(sample.updated)),
        ("source", "vscode"), ("model", "gpt-5"), ("model_provider", "openai"), ("tokens_used", 120),
        ("history_mode", "paginated"), ("cli_version", "0.163.0"), ("archived", 0),
      ]
      for (column, value) in expected { #expect(row[column] == value, "\(column)") }
    }
  }

  @Test func aTornLastLineIsLeftOutAndSaidSo() throws {
    try Scene.play { scene in
      let session = try outcome(scene) { _, file in
        try DurableFile.replace(file, with: Sample.talk("one", "two").bytes + Array(#"{"timestamp"#.utf8))
      }
      #expect(session?.action == .import && session?.warnings.contains(.init(.tornTail, "11 bytes")) == true)
      #expect(try scene.records(bad).count == Sample.talk("one", "two").lines.count + 1)
    }
  }

  /// With it no Codex up to 0.149.0 opens the thread.
  @Test func aLineThatIsNoUTF8IsLeftOutAndNamed() throws {
    let line: [UInt8] = [0x22, 0xFF, 0xFE, 0x22]
    try Scene.play { scene in
      let session = try outcome(scene) { _, file in
        var talk = Sample.talk("one", "two")
        talk.lines.insert(line, at: 5)
        try DurableFile.replace(file, with: talk.bytes)
      }
      #expect(
        session?.action == .import && session?.warnings.contains(.init(.linesNotUTF8, "1 lines")) == true)
      #expect(try scene.file(bad)?.lines().contains(line) == false)
    }
  }

  @Test(arguments: [
    ("", "empty"), (#"{"type":"session_m"#, "incomplete_line"), ("\n", "not_json: unexpectedEnd at byte 0"),
    ("{\"type\":\u{1}}\n", "not_json: unexpectedByte at byte 8"), ("[]\n", "no_type"),
    (#"{"type":"response_item","payload":{}}"#, "type response_item"),
    (#"{"type":"session_meta","payload":{"id":7}}"#, "no_thread_id"),
  ]) func aRolloutThatBeginsOtherwiseIsBlockedWithTheReason(text: String, reason: String) throws {
    try expectBlocked("no_session_meta: \(reason)", at: .first) { _, file in
      try DurableFile.replace(file, with: Array(text.utf8))
    }
  }

  @Test func aCompressedRolloutThatIsCutOffIsBlockedWithTheRecordAndItsOffset() throws {
    var talk = Sample.talk("one")
    for turn in 0..<2000 { talk.turn("\(turn) \(String(turn, radix: 2))") }
    try Scene.play { scene in
      let whole = try ZstdFile.write(talk.bytes, to: scene.root.appending("whole.zst"))
      let compressed = try FileReading.bytes(of: whole)
      let session = try #require(
        try outcome(scene) { _, file in
          try DurableFile.replace(file, with: Array(compressed.prefix(compressed.count / 2)))
        })
      let blocker = try #require(session.blockers.first)
      #expect(session.action == .blocked && blocker.detail?.hasPrefix("damaged_compression: ") == true)
      let place = try #require(blocker.place)
      #expect(place.record > 1 && place.record < talk.lines.count)
      let before = talk.lines[..<(place.record - 1)].reduce(0) { $0 + $1.count + 1 }
      #expect(place.offset == Int64(before))
    }
  }

  @Test func twoRowsOfOneIDBlockIt() throws {
    try expectBlocked("duplicate_row: lines 1, 3", path: "metadata/threads.jsonl") { package, _ in
      package.rows.append(package.rows[0])
    }
  }

  @Test func aRolloutOfAnotherIDThanItsNameIsBlocked() throws {
    let other = Sample.thread(77)
    try expectBlocked("session_meta_names_another_thread: \(other)", at: .first) { _, file in
      try DurableFile.replace(file, with: Sample.talk("one", thread: other).bytes)
    }
  }

  @Test func aLocalFileThatNobodyCanReadGivesWayToTheCopyAndComesBack() throws {
    try Scene.play { scene in
      let path = try scene.home.add(Sample.talk("one"))
      try DurableFile.replace(path, with: Array("not a rollout\n".utf8))
      let before = try HomeSnapshot(scene.home)
      let session = try outcome(scene) { _, _ in }
      #expect(session?.action == .import && session?.blockers.isEmpty == true)
      #expect(session?.warnings.map(\.code).contains(.unreadableReplaced) == true)
      #expect(try FileReading.bytes(of: path) != Array("not a rollout\n".utf8))
      try scene.rollback()
      let rollout = try #require(before.files.keys.first { $0.hasSuffix(".jsonl") })
      #expect(try HomeSnapshot(scene.home).files[rollout]?.bytes == Array("not a rollout\n".utf8))
    }
  }

  @Test func aForkWithoutItsBaseIsBlocked() throws {
    try Scene.play { scene in
      var fork = Sample.talk("base", thread: Sample.thread(5)).continued(as: bad)
      fork.turn("forked")
      let package = try scene.package("p", fork, Sample.talk("good", thread: good))
      let result = try scene.sync(package)
      #expect(result.plan.entry(bad)?.blockers.map(\.code) == [.incompleteLineage])
      #expect(result.plan.entry(good)?.action == .import)
    }
  }

  @Test func anUnreadableCatalogueMeansFilesOnly() throws {
    try Scene.play(hasCatalogue: false) { scene in
      try scene.home.root.put(
        "state_5.sqlite", "this is no database at all, but long enough to be looked at twice")
      let before = try FileReading.bytes(of: scene.home.catalogue)
      let result = try scene.sync(try scene.package("p", Sample.talk("one")))
      #expect(result.plan.actions == [.import])
      #expect(result.plan.sessions[0].warnings.contains(.init(.filesOnly, "damaged")))
      #expect(try FileReading.bytes(of: scene.home.catalogue) == before)
      #expect(try scene.rollback().plan.kept.isEmpty)
      #expect(try scene.file(Sample.thread(1)) == nil)
      #expect(try FileReading.bytes(of: scene.home.catalogue) == before)
    }
  }
}
