import CanonicalJSON
import DurableFiles
import Lineage
import Rollout
import SessionPackage
import SystemPackage

/// One session of a package, read as far as it can be.
struct IncomingSession: Sendable {
  let packaged: PackagedSession
  /// Its conversation; nil where a blocker stands in the way.
  let transcript: Transcript?
  let lineage: LineageThread?
  let blockers: [Blocker]

  /// Reads a session.
  ///
  /// - Parameters:
  ///   - bases: the package's rollouts, for forks and segments that go on from one of them.
  ///   - local: the home's threads, for those whose base is only here.
  init(
    _ packaged: PackagedSession, in package: SessionPackage, bases: [ThreadID: PackagedRollout],
    local: LocalThreads,
    cache: ScanCache
  ) {
    self.packaged = packaged
    guard packaged.problems.isEmpty, let head = packaged.rollouts.first else {
      let problems = packaged.problems.map(Blocker.init)
      blockers = problems.isEmpty ? [Blocker(.damaged, detail: "missing_rollout")] : problems
      (transcript, lineage) = (nil, nil)
      return
    }
    // Of two whole files of one thread nobody can say which is the conversation.
    let whole = packaged.rollouts.filter { $0.name.segment == nil }
    guard whole.count < 2 else {
      blockers = [Blocker(.damaged, path: whole[1].name.text, detail: "several_rollouts")]
      (transcript, lineage) = (nil, nil)
      return
    }
    do throws(RolloutError) {
      for rollout in packaged.rollouts {
        let content = rollout == head ? (try? cache.scan(head.file, head.name, hashing: true))?.content : nil
        if (try? package.verify(rollout, content: content)) == true { continue }
        blockers = [Blocker(.damaged, path: rollout.name.text, detail: "checksum_mismatch")]
        (transcript, lineage) = (nil, nil)
        return
      }
      let scan = try cache.scan(head.file, head.name, hashing: true)
      let transcript = try Transcript(scan) { cut throws(RolloutError) in
        guard let base = bases[cut.rollout] else { return try local.places(of: cut) }
        let packaged = CutPlace(try cache.scan(base.file, base.name, hashing: true), cut)
        return packaged.fits ? [packaged] : [packaged] + (try local.places(of: cut))
      }
      if let scan = transcript.scans.first(where: { $0.oddities.doubledKey != nil }),
        let doubled = scan.oddities.doubledKey
      {
        let detail = "doubled_key: \(doubled.key)"
        blockers = [Blocker(.unsafe, path: scan.name.text, detail: detail, place: doubled.place)]
        (self.transcript, lineage) = (nil, nil)
        return
      }
      self.transcript = transcript
      let meta = transcript.head.meta
      lineage = LineageThread(
        id: packaged.threadID, marker: Self.marker(packaged, transcript, local),
        isDeclaredFork: meta.isDeclaredFork, head: History(transcript.history),
        segmentKeys: Set((packaged.lineage?.lineageKeys ?? []).compactMap(RecordDigest.init(hex:))),
        turns: .init(open: transcript.facts.openTurn, ended: transcript.facts.endedTurn),
        created: Timestamp(meta.timestamp ?? "")?.milliseconds ?? .max)
      blockers = []
    } catch {
      blockers = [Blocker(error)]
      (transcript, lineage) = (nil, nil)
    }
  }

  /// The marker that the package or the transcript gives, else what was remembered here of the thread; one that is
  /// another conversation's counts for nothing.
  private static func marker(
    _ packaged: PackagedSession, _ transcript: Transcript, _ local: LocalThreads
  ) -> Marker? {
    let keys = Set(
      (packaged.lineage?.lineageKeys ?? []) + [transcript.lineageKey?.description].compactMap(\.self))
    let older = packaged.rollouts.dropFirst().map { (try? RolloutPeek($0.file))?.meta.marker }
    let found = [packaged.lineage?.marker, transcript.head.meta.marker] + older
    return (found.map { Marker($0) } + [local.memory.markers[packaged.threadID]]).compactMap(\.self)
      .first { keys.contains($0.lineageKey.description) }
  }

  /// The working directory that the thread had on the other machine.
  var cwd: String? {
    transcript.flatMap { $0.facts.cwd($0.head.meta) } ?? packaged.row?["cwd"]?.string
  }

  /// What a person would call the thread: a whole first message may stand for a name, and it may be of megabytes.
  var title: String {
    String(String.UnicodeScalarView(wholeTitle.unicodeScalars.prefix(1000)))
  }

  private var wholeTitle: String {
    ThreadNaming(row: packaged.row, indexRow: packaged.indexRow).name
      ?? packaged.row?["title"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      ?? transcript?.facts.preview ?? packaged.threadID.text
  }

  var isArchived: Bool { packaged.row?["archived"]?.integer == 1 }

  /// What a reader should know of the file.
  var fileWarnings: [SessionWarning] {
    guard let transcript else { return [] }
    var warnings: [SessionWarning] = []
    let head = transcript.head
    if head.end.torn > 0 { warnings.append(.init(.tornTail, "\(head.end.torn) bytes")) }
    if head.oddities.linesNotJSON > 0 {
      warnings.append(.init(.linesNotJSON, "\(head.oddities.linesNotJSON) lines"))
    }
    if head.oddities.linesNotUTF8 > 0 {
      warnings.append(.init(.linesNotUTF8, "\(head.oddities.linesNotUTF8) lines"))
    }
    if !head.oddities.unknownTypes.isEmpty {
      warnings.append(.init(.unknownRecords, head.oddities.unknownTypes.sorted().joined(separator: ", ")))
    }
    if packaged.row == nil { warnings.append(.init(.missingRow)) }
    return warnings
  }
}
